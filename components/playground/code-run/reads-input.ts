import type { CodeLanguage } from '#server/playground/model/code-bounds.ts'

const ways: Record<CodeLanguage, RegExp> = {
  python: /\binput\s*\(|\bstdin\b|\bopen\s*\(\s*0\b|\bfileinput\b|\bread\s*\(\s*0\b/,
  javascript: /\bstdin\b|\breadFileSync\s*\(\s*0\b|\breadline\b/,
}

/** Whether a program looks as if it waits for input: then its reader is asked for that first. */
export function readsInput(code: string, language: CodeLanguage): boolean {
  return ways[language].test(code)
}
