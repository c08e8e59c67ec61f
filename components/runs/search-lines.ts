import Anser from 'anser'
import type { NumberedLine } from './log-buffer.ts'

/** Indexes of the lines that hold the text, whatever its case; ANSI sequences do not count as text. */
export function searchLines(lines: readonly NumberedLine[], query: string): number[] {
  if (query === '') return []
  const wanted = query.toLowerCase()
  const found: number[] = []
  for (let index = 0; index < lines.length; index++) {
    const text = lines[index]?.text ?? ''
    if (plainText(text).toLowerCase().includes(wanted)) found.push(index)
  }
  return found
}

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
