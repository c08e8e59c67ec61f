/** A sentence for the reader: why this problem is not for this engine. */
export class CannotSolve extends Error {}
