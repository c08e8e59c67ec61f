/**
 * Turns `\( … \)` and `\[ … \]` into `$ … $` and `$$ … $$`, outside code: Markdown would eat their backslashes, and
 * models write both. Everything else is left as it is.
 */
export function normaliseMath(markdown: string): string {
  if (!markdown.includes('\\(') && !markdown.includes('\\[')) return markdown
  return markdown
    .split(/(^ {0,3}(?:`{3,}|~{3,})[\s\S]*?(?:^ {0,3}(?:`{3,}|~{3,}) *$|$(?![\s\S]))|`+[^`\n]*`+)/m)
    .map((part, index) => (index % 2 === 1 ? part : replaceDelimiters(part)))
    .join('')
}

function replaceDelimiters(text: string): string {
  return text
    .replace(/\\\[([\s\S]*?)\\\]/g, (_, math: string) => `\n$$\n${math.trim()}\n$$\n`)
    .replace(/\\\(([\s\S]*?)\\\)/g, (_, math: string) => `$${math.trim()}$`)
}
