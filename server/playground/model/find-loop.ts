/** The end of a text that says the same again and again. */
export type Loop = {
  /** What is repeated, once. */
  unit: string
  repeats: number
  /** Characters at the end of the text that are nothing but repetition. */
  chars: number
}

/** A passage of this length is looked for; one twice as long is not told from a text that goes on. */
export const loopUnitCharsMax = 2000
const repeatsMin = 4
const charsMin = 400
/** Digits, dots and rows of zeros repeat in honest mathematics too. */
const charsMinWithoutWords = 3000
const windowChars = (repeatsMin + 1) * loopUnitCharsMax

/**
 * Whether a text ends in a loop, the known fault of small reasoning models: its last `chars` characters are one passage,
 * four times or more and to the letter. Costs a time linear in the window, whatever the text: the shortest period of
 * every ending comes from the prefix function (Knuth, Morris, Pratt) of the text read backwards.
 */
export function findLoop(text: string): Loop | undefined {
  const length = Math.min(text.length, windowChars)
  if (length < charsMin) return undefined
  const last = text.length - 1
  const borders = new Int32Array(length)
  let found: Loop | undefined
  for (let at = 1; at < length; at++) {
    let border = borders[at - 1] ?? 0
    while (border > 0 && text.charCodeAt(last - at) !== text.charCodeAt(last - border)) {
      border = borders[border - 1] ?? 0
    }
    if (text.charCodeAt(last - at) === text.charCodeAt(last - border)) border++
    borders[at] = border
    const chars = at + 1
    const period = chars - border
    if (chars >= charsMin && period <= loopUnitCharsMax && chars >= repeatsMin * period) {
      found = { unit: '', repeats: Math.floor(chars / period), chars }
    }
  }
  if (!found) return undefined
  const period = found.chars - (borders[found.chars - 1] ?? 0)
  const unit = text.slice(text.length - period)
  // Twice: the cut may go through its only word.
  const needed = /\p{L}{3}/u.test(unit + unit) ? charsMin : charsMinWithoutWords
  return found.chars >= needed ? { ...found, unit } : undefined
}
