const esc = '\u001b'
const bel = '\u0007'
/** ECMA-48, in one pass: strings of the terminal (OSC 8 links, titles), control sequences, and every other escape. */
const sequences = new RegExp(
  [
    `${esc}[\\]PX^_][^${bel}${esc}]*(?:${bel}|${esc}\\\\)?`,
    `${esc}\\[[0-?]*[ -/]*[@-~]?`,
    `${esc}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
)
const colour = new RegExp(`^${esc}\\[[\\d;]*m$`)
const setGraphics = new RegExp(`${esc}\\[([\\d;]*)m`, 'g')
/** C0 but tab, line feed and escape, DEL and C1. */
const controls = /[^\P{Cc}\t\n]/gu
/** Marks that turn the direction of what follows: a line with them reads otherwise than it is. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A line as a person would read it in a terminal: no sequences, and of a progress line its last state. */
export function plainText(text: string): string {
  return visible(lastState(text.includes(esc) ? bare(text, false) : text))
}

/** The same with its colours (SGR sequences) still in it. */
export function colouredText(text: string): string {
  if (!text.includes(esc)) return visible(lastState(text))
  return visible(lastColoured(bare(text, true)), true)
}

/** As lastState, where what follows the last `\r` may be colours alone. */
function lastColoured(text: string): string {
  let end = text.length
  while (end > 0) {
    const start = text.lastIndexOf('\r', end - 1) + 1
    const part = text.slice(start, end)
    if (bare(part, false) !== '') return part
    if (start === 0) return part
    end = start - 1
  }
  return ''
}

function bare(text: string, keepColours: boolean): string {
  return text.replace(sequences, (found) => (keepColours && colour.test(found) ? found : ''))
}

/** What has no sign of its own gets one: control pictures for C0, the name of the mark for directions. */
function visible(text: string, keepEscape = false): string {
  return text
    .replace(controls, (char) => {
      const code = char.charCodeAt(0)
      if (char === esc && keepEscape) return char
      if (code === 0x7f) return '\u2421'
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
    })
    .replace(
      directions,
      (char) => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    )
}

/** `\r` returns to the start of the line: what follows the last one is what stays on the screen. */
export function lastState(text: string): string {
  if (!text.includes('\r')) return text
  const trimmed = text.replace(/\r+$/, '')
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1)
}

const inkMax = 200

/** The colours that are still set at the end of a line, as sequences to put before the next; `ink`: those before it. */
export function inkAfter(ink: string, text: string): string {
  if (!text.includes(esc)) return ink
  let left = ink
  for (const [sequence, codes = ''] of text.matchAll(setGraphics)) {
    const isReset = /^(?:0*;)*0*$/.test(codes)
    left = isReset ? '' : `${/^0+;/.test(codes) ? '' : left}${sequence}`
    // Nobody sets so many without a reset; the newest say what is seen.
    if (left.length > inkMax) left = sequence.length > inkMax ? '' : sequence
  }
  return left
}
