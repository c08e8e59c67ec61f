import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import type { RunView } from './run.ts'

/** Behind which run to go on: its time of creation and its name; without a name, behind all of an earlier time. */
export const olderRunsQuery = z.object({
  before: z.iso.datetime({ offset: true }),
  name: z.string().max(253),
})

export type OlderRunsQuery = z.infer<typeof olderRunsQuery>

/** `next`: behind which there may be more. */
export type OlderRunsView = { runs: RunView[]; next?: OlderRunsQuery }
