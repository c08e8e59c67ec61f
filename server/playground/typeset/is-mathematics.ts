/** Words that stand in formulas; any other of three letters or more is prose. */
const mathWords = new Set(
  `sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim max min sup inf gcd lcm mod deg det dim
  ker arg div rank diag sgn var cov abs pmod`.split(/\s+/),
)

/** A command, a power, or an index that is none of a name: money and shells have none of these. */
const strong =
  /\\[A-Za-z,;!{}|:]|\^|_\{|(?:^|[^A-Za-z0-9_])[A-Za-z]?_[A-Za-z0-9](?![A-Za-z0-9]*[A-Z_])/
const operatorAtEnd = /[-+*/=<>:,;("'&]$/
const operatorAtStart = /^[/:,;)"'&%]/
const suffix = /^(?:th|st|nd|rd|s|es|d|ed|ing|er|ary|ic|gon|fold|times|adic|by|x|is)(?![A-Za-z])/

/**
 * Whether what stands between two dollars is mathematics, and not prices or variables of a shell; `before` and `behind`
 * are what is next to the dollars. The decisions are in README.md, with an example for each.
 */
export function isMathematics(tex: string, before: string, behind: string): boolean {
  const inner = tex.trim()
  if (inner === '' || /\n[ \t]*\n/.test(tex)) return false
  const previous = before.at(-1) ?? ''
  const isStrong = strong.test(inner)
  const spaceBefore = /^\s/.test(tex)
  const spaceBehind = /\s$/.test(tex)
  if (spaceBefore || spaceBehind) {
    if (/^\s*\d/.test(tex) && /^\s*\d/.test(behind)) return false
    if (/[A-Za-z0-9]/.test(previous) || /^[A-Za-z0-9]/.test(behind)) return false
    if (spaceBefore !== spaceBehind) return isStrong && !hasProse(inner)
    return (isStrong && !hasProse(inner)) || isBareFormula(inner)
  }
  if (isStrong) return !(isShell(inner) && /^[\w{(]/.test(behind)) && !isPrice(inner, previous)
  if (/^\d/.test(behind)) return false
  if (operatorAtEnd.test(inner) && !isOperator(inner)) return false
  if (operatorAtStart.test(inner) && /\w/.test(previous)) return false
  if (/\d$/.test(previous) && /^[-+\d]/.test(inner)) return false
  if (/^[A-Za-z_{(]/.test(behind) && !suffix.test(behind)) return false
  if (isShell(inner) && /[=:/"'\s]$|^$/.test(before) && /^[/:"'.]\w/.test(behind)) return false
  return !hasProse(inner)
}

/** Spaced from its dollars it has to look like a formula by itself: `$ n $`, `$ x = 2 $`. */
function isBareFormula(inner: string): boolean {
  return (
    /^[\w\s+\-*/=<>()[\]|!.,'%≤≥≠±×÷·]+$/.test(inner) &&
    !/[-+*/=<>.,]$/.test(inner) &&
    !hasProse(inner)
  )
}

function isOperator(inner: string): boolean {
  return /^[-+*/=<>:]$/.test(inner)
}

/** Two words of prose, or one beside a number: `5 and Bob has`, `10 per month`. */
function hasProse(inner: string): boolean {
  const bare = inner.replaceAll(
    /\\(?:text|mathrm|mbox|operatorname|textbf|label|tag)\w*\*?\s*\{[^{}]*\}|\\[A-Za-z]+/g,
    ' ',
  )
  const words = bare.match(/[A-Za-z]{3,}/g)?.filter((word) => !mathWords.has(word.toLowerCase()))
  if (!words || words.length === 0) return false
  return words.length > 1 || /\s/.test(bare.trim())
}

/** A name of capitals or with an underscore, or in braces: `HOME`, `MY_VAR`, `{HOME}`. */
function isShell(inner: string): boolean {
  return /^(?:\{?(?:[A-Z]|_[A-Z])[A-Z0-9_]+\}?|\{\w+\}|[a-z]+_[a-z_]+)(?=$|[/:"'.\s=-])/.test(inner)
}

function isPrice(inner: string, previous: string): boolean {
  return (
    /^\d[\d,.]*\s+[A-Za-z]{3,}/.test(inner) &&
    hasProse(inner) &&
    !/\\/.test(inner) &&
    !/\w/.test(previous)
  )
}
