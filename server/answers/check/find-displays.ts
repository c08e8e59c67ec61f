/** Formulas on lines of their own, `$$…$$`, `\[…\]` and bare environments, one for each line of an aligned one. Linear. */
export function findDisplays(text: string): { at: number; latex: string }[] {
  const found: { at: number; latex: string }[] = []
  /** Once a closing sign is not found, it stands nowhere behind either. */
  const missing = new Set<string>()
  let at = 0
  while (at < text.length) {
    const open = next(text, at)
    if (!open) break
    const start = open.at + open.opening.length
    const end = missing.has(open.closing) ? -1 : text.indexOf(open.closing, start)
    if (end < 0) {
      missing.add(open.closing)
      at = start
      continue
    }
    let line = start
    const inner = text.slice(start, end)
    if (/\\begin\{(?:pmatrix|bmatrix|cases|array|vmatrix|matrix)/.test(inner))
      push(found, start, inner)
    else
      for (const part of inner.split('\\\\')) {
        push(
          found,
          line,
          part
            .replace(/\\(?:begin|end)\{(?:aligned|align|gathered|split|equation|gather)\*?\}/g, '')
            .replace(/&/g, ''),
        )
        line += part.length + 2
      }
    at = end + open.closing.length
  }
  return found
}

const openings = /\$\$|\\\[|\\begin\{(align|equation|gather|multline)(\*?)\}/g

function next(
  text: string,
  from: number,
): { at: number; opening: string; closing: string } | undefined {
  openings.lastIndex = from
  const match = openings.exec(text)
  if (!match) return undefined
  const [opening, name, star = ''] = match
  const closing = opening === '$$' ? '$$' : opening === '\\[' ? '\\]' : `\\end{${name}${star}}`
  return { at: match.index, opening, closing }
}

function push(found: { at: number; latex: string }[], at: number, latex: string): void {
  const trimmed = latex.trim()
  if (trimmed !== '') found.push({ at: at + latex.indexOf(trimmed), latex: trimmed })
}
