import Anser from 'anser'

/** A line as a person would read it in a terminal: no sequences, and of a progress line its last state. */
export function plainText(text: string): string {
  const bare = text.includes('\u001b') ? Anser.ansiToText(text) : text
  return lastState(bare)
}

/** `\r` returns to the start of the line: what follows the last one is what stays on the screen. */
export function lastState(text: string): string {
  if (!text.includes('\r')) return text
  const trimmed = text.replace(/\r+$/, '')
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1)
}
