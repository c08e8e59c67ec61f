/** Says what is going on: one line that is rewritten on a terminal, one line per step elsewhere. */
export type Progress = {
  step<T>(words: string, work: () => Promise<T>): Promise<T>
}

export function createProgress(out: NodeJS.WriteStream): Progress {
  return {
    async step(words, work) {
      const startedAt = performance.now()
      if (out.isTTY) out.write(`  ${words} …`)
      try {
        const result = await work()
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
        out.write(`${out.isTTY ? '\r\u001b[K' : ''}  ✓ ${words} (${seconds} s)\n`)
        return result
      } catch (error) {
        out.write(`${out.isTTY ? '\r\u001b[K' : ''}  ✗ ${words}\n`)
        throw error
      }
    },
  }
}
