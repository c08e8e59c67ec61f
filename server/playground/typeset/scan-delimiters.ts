/** Letters, digits and punctuation of scripts that write no spaces between words. */
const cjk =
  /[\u2e80-\u303f\u3040-\u30ff\u3100-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]|[\u{20000}-\u{3ffff}]/u
const punctuation = /[\p{P}\p{S}]/u
/** Between these an asterisk multiplies: `5*3*2`, `f(x)*g(x)*h(x)`, `2**3**2`. */
const operandBefore = /[\p{L}\p{N})\]}!'%]/u
const operandBehind = /[\p{L}\p{N}([{\\$+-]/u

export type Delimiters = { can_open: boolean; can_close: boolean; length: number }

/**
 * Whether a run of `*`, `_` or `~` can open and close emphasis: CommonMark's flanking rules, in which punctuation beside
 * Chinese, Japanese and Korean does not keep `**注意：**这里` from being bold, and an asterisk between two operands is
 * what was written.
 */
export function scanDelimiters(
  text: string,
  start: number,
  end: number,
  canSplitWord: boolean,
): Delimiters {
  const marker = text[start]
  let behindAt = start
  while (behindAt < end && text[behindAt] === marker) behindAt++
  const length = behindAt - start
  const before = start === 0 ? ' ' : signBefore(text, start)
  const behind = behindAt < end ? String.fromCodePoint(text.codePointAt(behindAt) ?? 32) : ' '

  const isCjkBefore = cjk.test(before)
  const isCjkBehind = cjk.test(behind)
  const isSpaceBefore = /\s/.test(before)
  const isSpaceBehind = /\s/.test(behind)
  const isMarkBefore = !isCjkBefore && punctuation.test(before)
  const isMarkBehind = !isCjkBehind && punctuation.test(behind)
  const left = !isSpaceBehind && (!isMarkBehind || isSpaceBefore || isMarkBefore || isCjkBefore)
  const right = !isSpaceBefore && (!isMarkBefore || isSpaceBehind || isMarkBehind || isCjkBehind)
  if (marker === '*' && isOperator(before, behind)) {
    // `**Step**s` is bold; no single asterisk and no opening one stands between two operands.
    const isWord = length > 1 && /\p{L}/u.test(before) && /\p{L}/u.test(behind)
    return { can_open: false, can_close: isWord && right, length }
  }
  return {
    can_open: left && (canSplitWord || !right || isMarkBefore),
    can_close: right && (canSplitWord || !left || isMarkBehind),
    length,
  }
}

function isOperator(before: string, behind: string): boolean {
  if (cjk.test(before) || cjk.test(behind)) return false
  return operandBefore.test(before) && operandBehind.test(behind)
}

function signBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1)
  const isPair = low >= 0xdc00 && low <= 0xdfff && at > 1
  return String.fromCodePoint(text.codePointAt(isPair ? at - 2 : at - 1) ?? 32)
}
