/** Sizes of the text in a hall, in pixels: from a seminar room to the last row of two hundred. */
export const hallSizes = [20, 24, 28, 32, 38, 46]

/** What the address asks for, or undefined where nothing is shown in a hall. */
export function hallSizeOf(text: string | null): number | undefined {
  const size = Number(text)
  return hallSizes.includes(size) ? size : undefined
}
