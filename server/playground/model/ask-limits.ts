/** Characters of one question: more than the model's context holds in any script. */
export const questionCharsMax = 200_000

/** Answers to one question side by side. */
export const variantsMax = 16
