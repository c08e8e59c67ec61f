/** What stands in the last complete `\boxed{…}` of a text, braces balanced; undefined where there is none. */
export function boxedAnswer(text: string): string | undefined {
  const command = '\\boxed{'
  let at = text.lastIndexOf(command)
  while (at >= 0) {
    const inside = balanced(text, at + command.length)
    if (inside !== undefined) return inside.trim()
    at = at === 0 ? -1 : text.lastIndexOf(command, at - 1)
  }
  return undefined
}

/** From just behind an opening brace to just before the one that closes it; escaped braces do not count. */
function balanced(text: string, from: number): string | undefined {
  let depth = 1
  for (let index = from; index < text.length; index++) {
    const character = text[index]
    if (character === '\\') index++
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return text.slice(from, index)
  }
  return undefined
}
