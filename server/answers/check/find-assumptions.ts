/** Names of which a text says in plain words that they are integers, or positive. */
export function findAssumptions(text: string): { integers: string[]; positive: string[] } {
  const integers = new Set<string>()
  const positive = new Set<string>()
  for (const match of text
    .slice(0, 200_000)
    .matchAll(
      /((?:\$?[a-zA-Z]\$?(?:,\s*|\s+and\s+|\s*、\s*)){0,5}\$?\b[a-zA-Z]\$?)\s*(?:is|are|be|为|是)\s*(?:an?\s+|all\s+)?(positive|正)?\s*(integers?|natural numbers?|整数|real numbers?|reals?|实数)?/g,
    )) {
    const names = match[1]?.match(/[a-zA-Z](?![a-zA-Z])/g) ?? []
    const kind = match[3] ?? ''
    for (const name of names) {
      if (match[2] || /^natural/.test(kind)) positive.add(name)
      if (/^(?:integer|natural|整数)/.test(kind)) integers.add(name)
    }
  }
  for (const match of text
    .slice(0, 200_000)
    .matchAll(/\b([a-zA-Z])\s*\\in\s*\\mathbb\s*\{?([ZN])\}?\s*(\^\{?\+\}?|_\{?>0\}?)?/g)) {
    integers.add(match[1] ?? '')
    if (match[3] || match[2] === 'N') positive.add(match[1] ?? '')
  }
  for (const match of text.slice(0, 200_000).matchAll(/\b([a-zA-Z])\s*>\s*0\b(?!\.)/g))
    positive.add(match[1] ?? '')
  return { integers: [...integers].sort(), positive: [...positive].sort() }
}
