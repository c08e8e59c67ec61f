/**
 * Runs of letters, command names, single digits, signs and blanks, about as long as the tokens of a
 * language model. No lookahead: the tokens of a text's beginning are the beginning of its tokens.
 */
const token =
  / ?\\[A-Za-z]{1,8}| ?\p{Script=Latin}{1,7}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\d{1,3}| ?[^\s\d\p{L}]{1,3}| ?\p{L}{1,4}|\n+|[^\S\n]{1,8}|[\s\S]/gu

/** The tokens of a text, cut off one by one as they are asked for. */
export function* tokensOf(text: string): Generator<string> {
  for (const [found] of text.matchAll(token)) yield found
}

/** Deterministic; joined, the tokens are the text again. */
export function tokenize(text: string): string[] {
  return text.match(token) ?? []
}

export function countTokens(text: string): number {
  return tokenize(text).length
}
