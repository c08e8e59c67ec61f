/** What a solver found, as paragraphs of Markdown with LaTeX; narrate.ts makes an answer of it. */
export type Solution = {
  /** What is asked, in one sentence. */
  task: string
  thinking: string[]
  /** How the result was put to the test: a calculation that was really carried out. */
  check: string[]
  answer: string[]
  /** The content of \boxed{}, LaTeX without dollars; programs have none. */
  boxed?: string
}

/** The choices that a seed makes: wording everywhere, the method where there are several. */
export type Style = {
  pick<T>(options: readonly [T, ...T[]]): T
  /** Steps through the methods: the samples of one request differ in it. */
  method: number
}

/** Repeatable choices from a seed (mulberry32). */
export function styleOf(seed: number, sample: number): Style {
  let state = (seed ^ Math.imul(sample + 1, 0x9e3779b9)) >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    pick: (options) => options[Math.floor(random() * options.length)] ?? options[0],
    method: Math.abs(seed) + sample,
  }
}
