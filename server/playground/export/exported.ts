/** One step of a branch as it leaves the product. */
export type ExportedTurn = {
  question: string
  answer?: {
    reasoning: string
    content: string
    /** Binding, preset and temperature, in one line. */
    about: string
    finishReason?: string
  }
}

export type ExportedBranch = { title: string; at: string; turns: ExportedTurn[] }

/** What was written, as the format of an export has it, in parts. */
export type RenderText = (source: string) => AsyncIterable<string>
