const names = new Set([
  'sqrt',
  'sin',
  'cos',
  'tan',
  'log',
  'ln',
  'exp',
  'pi',
  'infinity',
  'or',
  'and',
  'gcd',
  'lcm',
  'max',
  'min',
  'mod',
])

/** Whether a text is a formula or a letter of choice as a whole, and no prose. */
export function isFormula(text: string): boolean {
  if (text.length > 2000) return false
  const bare = text
    .replace(/\\(?:text|mathrm|operatorname|textbf)\s*\{[^{}]*\}/g, ' 1 ')
    .replace(/\\[a-zA-Z]+/g, ' 1 ')
  if (/[\u3400-\u9fff]/.test(bare)) return false
  const words = bare.match(/[a-zA-Z]{2,}/g) ?? []
  if (words.some((word) => word.length > 2 && !names.has(word.toLowerCase()))) return false
  return /[0-9]|[=<>^]/.test(bare) || /^\(?[a-zA-Z]\)?$/.test(bare.trim())
}
