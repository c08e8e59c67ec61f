import Anser from 'anser'
import { lastState } from './search-lines.ts'

export type Span = {
  text: string
  /** `rgb` as CSS, or undefined for the page's own colour. */
  color?: string
  background?: string
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
}

const cache = new Map<string, Span[]>()
const cacheMax = 2000
const lineMax = 20_000

/** The coloured parts of a line. Text only: what a program prints can never become markup. */
export function ansiSpans(line: string): Span[] {
  const text = lastState(line.length > lineMax ? `${line.slice(0, lineMax)} …` : line)
  if (!text.includes('\u001b')) return [plain(text)]
  const known = cache.get(text)
  if (known) return known
  const spans = Anser.ansiToJson(text, { remove_empty: true }).map((part): Span => {
    const has = (decoration: Anser.DecorationName) => part.decorations.includes(decoration)
    return {
      text: part.content,
      color: part.fg ? `rgb(${part.fg})` : undefined,
      background: part.bg ? `rgb(${part.bg})` : undefined,
      bold: has('bold'),
      dim: has('dim'),
      italic: has('italic'),
      underline: has('underline'),
    }
  })
  if (cache.size >= cacheMax) cache.clear()
  cache.set(text, spans)
  return spans
}

function plain(text: string): Span {
  return { text, bold: false, dim: false, italic: false, underline: false }
}
