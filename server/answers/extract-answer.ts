import { isFormula } from './is-formula.ts'

const boxes = /\\(?:boxed|fbox|framebox)(?![a-zA-Z])/y

/**
 * The final answer of a text: what stands in the last closed `\boxed{…}` or `\fbox{…}`, else the formula of the last
 * line that says "answer", else nothing. A number in prose is never taken for an answer. Linear in the length.
 */
export function extractAnswer(text: string): string | undefined {
  return lastBox(text) ?? answerLine(text)
}

/** The box that closes last; a box around another one closes after it. */
function lastBox(text: string): string | undefined {
  const open: (number | undefined)[] = []
  let found: string | undefined
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '{') open.push(undefined)
    else if (sign === '}') {
      const start = open.pop()
      if (start === undefined) continue
      const inside = tidied(text.slice(start, at))
      if (inside !== '') found = inside
    } else if (sign === '\\') {
      boxes.lastIndex = at
      const box = boxes.exec(text)
      if (!box) {
        at++
        continue
      }
      let next = at + box[0].length
      while (/\s/.test(text[next] ?? '')) next++
      if (text[next] === '{') {
        open.push(next + 1)
        at = next
      } else {
        // \boxed 5 boxes one sign.
        const single = /^(?:\\[a-zA-Z]+|[0-9a-zA-Z])/.exec(text.slice(next, next + 40))?.[0]
        if (single) found = single
        at = next - 1
      }
    }
  }
  return found
}

const answerWord = /(?:\banswer\b|答案)/i

function answerLine(text: string): string | undefined {
  let end = text.length
  while (end > 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1
    const line = text.slice(start, Math.min(end, start + 4000))
    const word = answerWord.exec(line)
    if (word) {
      const answer = formulaIn(line.slice(word.index + word[0].length))
      if (answer !== undefined) return answer
    }
    end = start - 1
  }
  return undefined
}

/** `: $x$`, ` is 42.`: a formula between delimiters, or one that is the whole rest of the line. */
function formulaIn(rest: string): string | undefined {
  const plain = rest.replace(/\*\*|__/g, '')
  const lead =
    /^\s*(?:\([^)]*\))?\s*(?:to (?:this|the) (?:problem|question)\s*)?(?:is|are|=|:|：|是|为|equals)?\s*(?:therefore|thus|then|就是)?\s*[:：,]?\s*/i.exec(
      plain,
    )
  const body = plain.slice(lead?.[0].length ?? 0)
  if (/^(?:not|n't|不)\b/i.test(body)) return undefined
  const delimited = /\$\$([^$]+)\$\$|\$([^$]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]/.exec(body)
  const inside = delimited && (delimited[1] ?? delimited[2] ?? delimited[3] ?? delimited[4])
  if (delimited && inside) {
    const between = plain.slice(0, plain.indexOf(delimited[0]))
    const says = between.trim() === '' || /(?:\b(?:is|are|equals|be)\b|[:：=是为])/.test(between)
    return says ? tidied(inside) || undefined : undefined
  }
  const whole = tidied(body)
  if (whole === '') return undefined
  return isFormula(whole) ? whole : undefined
}

/** Without bold, delimiters, inner boxes and the full stop around it. */
function tidied(text: string): string {
  let rest = text.trim()
  for (let again = true; again; ) {
    const before = rest
    rest = rest
      .replace(/^\*\*(.*)\*\*$/s, '$1')
      .replace(/^\$\$?([^$]*)\$\$?$/s, '$1')
      .replace(/^\\\((.*)\\\)$/s, '$1')
      .replace(/^\\\[(.*)\\\]$/s, '$1')
      .replace(/(?<!\\)[.。,;]$/, '')
      .trim()
    again = rest !== before
  }
  return rest
    .replace(/\\(?:boxed|fbox|framebox)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\(?:boxed|fbox|framebox)(?![a-zA-Z])/g, '')
    .trim()
}
