const batchMax = 500

/**
 * One call of `load` at a time: keys that are asked for while it runs are loaded together by the next one. Each caller
 * gets the answer of the batch that its key was in.
 */
export function batched<Answer>(
  load: (keys: string[]) => Promise<Answer>,
): (key: string) => Promise<Answer> {
  let next: { keys: Set<string>; answer: Promise<Answer> } | undefined
  let last: Promise<unknown> = Promise.resolve()

  return (key) => {
    if (!next || next.keys.size >= batchMax) {
      const keys = new Set<string>()
      const batch = { keys, answer: last.then(run, run) }
      function run() {
        if (next === batch) next = undefined
        return load([...keys])
      }
      next = batch
      last = batch.answer
    }
    next.keys.add(key)
    return next.answer
  }
}
