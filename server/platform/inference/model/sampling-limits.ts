/** Texts that end an answer. Apart from the schema, so that the composer loads without zod. */
export const stopsMax = 4
