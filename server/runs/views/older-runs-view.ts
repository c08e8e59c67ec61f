import { z } from 'zod'
import type { RunView } from './run.ts'

/** Behind which run to go on: its time of creation and its name. */
export const olderRunsQuery = z.object({
  before: z.iso.datetime({ offset: true }),
  name: z.string().min(1).max(253),
})

export type OlderRunsQuery = z.infer<typeof olderRunsQuery>

/** `next`: behind which there may be more. */
export type OlderRunsView = { runs: RunView[]; next?: OlderRunsQuery }
