export type Settling = {
  /** What stands there now. */
  hear(text: string): void
  end(): void
}

type Timers = {
  now: () => number
  /** Answers how to call it off. */
  later: (act: () => void, ms: number) => () => void
}

const clock: Timers = {
  now: () => performance.now(),
  later: (act, ms) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/** Text has stood for so long before it is said; one that does not come to rest is said that often. */
const settledMs = 1_000
const restlessMs = 15_000

/** What a screen reader is told of a text that changes all the time: how it stands once it rests, not each change. */
export function settleWords(tell: (text: string) => void, timers: Timers = clock): Settling {
  let text = ''
  let told = ''
  let movedAtMs: number | undefined
  let callOff = () => {}

  function say() {
    movedAtMs = undefined
    if (text !== told) tell(text)
    told = text
  }

  return {
    hear(next) {
      if (next === text) return
      text = next
      callOff()
      movedAtMs ??= timers.now()
      const restless = movedAtMs + restlessMs - timers.now()
      callOff = timers.later(say, Math.max(0, Math.min(settledMs, restless)))
    },
    end: () => callOff(),
  }
}
