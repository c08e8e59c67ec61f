export type CodeLanguage = 'python' | 'javascript'

/** What a run of code from an answer may use of a reader's browser. */
export const codeBounds = {
  /** From its first line; loading the language does not count. */
  runMsMax: 10_000,
  outputCharsMax: 200_000,
  /** How often output may change between stdout and stderr. */
  outputPiecesMax: 4_000,
  inputCharsMax: 1_000_000,
  /** Of Python; what JavaScript may have is the browser's to say. */
  memoryMibMax: 512,
}

const languages = new Map<string, CodeLanguage>([
  ...(['python', 'python3', 'py'] as const).map((name) => [name, 'python'] as const),
  ...(['javascript', 'js'] as const).map((name) => [name, 'javascript'] as const),
])

/** The language that a fence names, where a browser can run it. */
export function runnableLanguage(fence: string): CodeLanguage | undefined {
  return languages.get(fence.toLowerCase())
}
