/**
 * Text as it can be stored and sent: half a surrogate pair and NUL, which neither UTF-8 nor PostgreSQL can hold, become
 * the replacement character.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** The same for a text that comes in pieces: a pair that was cut in two is put together again. */
export function createStorableText(): { push(piece: string): string; finish(): string } {
  let held = ''
  return {
    push(piece) {
      const text = held + piece
      const last = text.charCodeAt(text.length - 1)
      held = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : ''
      return storableText(text.slice(0, text.length - held.length))
    },
    finish() {
      const rest = storableText(held)
      held = ''
      return rest
    },
  }
}
