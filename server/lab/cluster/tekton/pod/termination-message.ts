import { z } from 'zod'

/** How Tekton numbers what a step leaves in its termination message. */
export const resultKind = { taskResult: 1, internal: 3, stepResult: 4, artifacts: 5 } as const

const entry = z.object({ key: z.string(), value: z.string(), type: z.number().optional() })

export type TerminationEntry = z.infer<typeof entry>

/** The entries of a message, the last of each key, sorted by key; none where it is no message of the entrypoint. */
export function parseTerminationMessage(message: string | undefined): TerminationEntry[] {
  if (!message) return []
  let json: unknown
  try {
    json = JSON.parse(message)
  } catch {
    return []
  }
  const parsed = z.array(entry).safeParse(json)
  if (!parsed.success) return []
  const byKey = new Map(parsed.data.map((one) => [one.key, one]))
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** The value of an entry that the entrypoint wrote about the step itself: StartedAt, ExitCode, Reason. */
export function internalEntry(entries: TerminationEntry[], key: string): string | undefined {
  return entries.find((one) => one.key === key && one.type === resultKind.internal)?.value
}
