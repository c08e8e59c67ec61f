/**
 * The marks that models write around their thoughts, in any case: `<think>` (Qwen, DeepSeek, VibeThinker),
 * `<thinking>`, `<thought>`, `<reasoning>`, `<seed:think>`, `[THINK]` (Magistral), `◁think▷` (Kimi) and
 * `<|begin_of_thought|>` (Sky-T1). What one of them opens, any of the closing ones ends.
 */
const openTags = [
  ...['<think>', '<thinking>', '<thought>', '<reasoning>', '<seed:think>', '[think]'],
  ...['◁think▷', '<|begin_of_thought|>'],
]
const closeTags = [
  ...['</think>', '</thinking>', '</thought>', '</reasoning>', '</seed:think>', '[/think]'],
  ...['◁/think▷', '<|end_of_thought|>'],
]
const closeTag =
  /<\/(?:think|thinking|thought|reasoning|seed:think)>|\[\/think\]|◁\/think▷|<\|end_of_thought\|>/i
const longest = Math.max(...closeTags.map(({ length }) => length))

/** The length of the opening tag that the text begins with; 0 where there is none. */
export function openTagAt(text: string): number {
  const begin = text.slice(0, longest + 2).toLowerCase()
  return openTags.find((tag) => begin.startsWith(tag))?.length ?? 0
}

/** Whether the whole text, which may be empty, is the beginning of an opening tag. */
export function opensAsTag(text: string): boolean {
  const begin = text.slice(0, longest + 2).toLowerCase()
  return openTags.some((tag) => tag.startsWith(begin))
}

/** Where the first closing tag stands. */
export function anyCloseTag(text: string): { at: number; end: number } | undefined {
  const found = closeTag.exec(text)
  return found ? { at: found.index, end: found.index + found[0].length } : undefined
}

/** How much of the end of the text could be the beginning of a closing tag. */
export function partialCloseTag(text: string): number {
  const end = text.slice(-longest).toLowerCase()
  for (let from = 0; from < end.length; from++) {
    const rest = end.slice(from)
    if (closeTags.some((tag) => tag.length > rest.length && tag.startsWith(rest))) {
      return rest.length
    }
  }
  return 0
}
