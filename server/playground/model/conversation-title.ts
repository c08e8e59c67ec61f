const charactersMax = 80

/** The first line that says something, short enough for a list. Whole characters only. */
export function conversationTitle(question: string): string {
  const line =
    question
      .split('\n')
      .map((one) => one.replaceAll(/\s+/g, ' ').trim())
      .find((one) => one !== '') ?? ''
  const characters = [...line.slice(0, charactersMax * 4)]
  return characters.length <= charactersMax
    ? characters.join('')
    : `${characters
        .slice(0, charactersMax - 1)
        .join('')
        .trimEnd()}…`
}
