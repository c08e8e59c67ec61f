import Anser from 'anser'
import { colouredText } from '#components/runs/log/log-text.ts'

export type Span = {
  text: string
  /** CSS colours, or undefined for the page's own. */
  color?: string
  background?: string
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  strike: boolean
}

const cache = new Map<string, Span[]>()
const cacheMax = 2000

/** The coloured parts of a line; `ink`: what lines before it left set. Text only: what a program prints can never become markup. */
export function ansiSpans(line: string, ink = ''): Span[] {
  const text = ink + colouredText(line)
  if (!text.includes('\u001b')) return [plain(text)]
  const known = cache.get(text)
  if (known) return known
  const spans = Anser.ansiToJson(text, { remove_empty: true, use_classes: true }).map(spanOf)
  if (cache.size >= cacheMax) cache.clear()
  cache.set(text, spans)
  return spans
}

function plain(text: string): Span {
  return { text, bold: false, dim: false, italic: false, underline: false, strike: false }
}

function spanOf(part: Anser.AnserJsonEntry): Span {
  const has = (decoration: Anser.DecorationName) => part.decorations.includes(decoration)
  const color = colorOf(part.fg, part.fg_truecolor)
  const background = colorOf(part.bg, part.bg_truecolor)
  return {
    text: has('hidden') ? ' '.repeat(part.content.length) : part.content,
    color: background ? onGround(background, color) : readable(color),
    background,
    bold: has('bold'),
    dim: has('dim'),
    italic: has('italic'),
    underline: has('underline'),
    strike: has('strikethrough'),
  }
}

/** The 16 named colours are the theme's; the 256 and the 16 million are what the program asked for. */
function colorOf(name: string | null, truecolor: string | null): string | undefined {
  if (!name) return undefined
  if (name === 'ansi-truecolor') return `rgb(${truecolor})`
  const palette = /^ansi-palette-(\d+)$/.exec(name)
  if (palette) return paletteColor(Number(palette[1]))
  return `var(--color-${name})`
}

const cube = [0, 95, 135, 175, 215, 255]

/** xterm's 256 colours: 16 named ones, a cube of 6 × 6 × 6, and 24 greys. */
function paletteColor(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey}, ${grey}, ${grey})`
  }
  const at = (place: number) => cube[Math.floor((index - 16) / place) % 6] ?? 0
  return `rgb(${at(36)}, ${at(6)}, ${at(1)})`
}

/** A colour that was chosen for a black terminal, moved in lightness until it can be read on the page's ground. */
function readable(color: string | undefined): string | undefined {
  if (!color?.startsWith('rgb')) return color
  return `light-dark(oklch(from ${color} min(l, 0.52) c h), oklch(from ${color} max(l, 0.72) c h))`
}

/**
 * On a ground of the program's own choice, what has no colour, or is black or white, is what can be read on it: the named
 * grounds are those that stand out from the page, so that the page's is readable on all of them.
 */
function onGround(ground: string, color: string | undefined): string {
  if (color && !/^var\(--color-ansi-(bright-)?(black|white)\)$/.test(color)) return color
  const [red = 0, green = 0, blue = 0] = ground.match(/\d+/g)?.map(Number) ?? []
  if (!ground.startsWith('rgb')) return 'var(--color-log)'
  // Rec. 709, near enough without its gamma.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 128 ? 'black' : 'white'
}
