import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { z } from 'zod'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { enginesPath } from '#server/platform/model/names.ts'
import { engineKinds, engineStates } from '#server/serving/model/engine-facts.ts'

const seenSchema = z.object({
  state: z.enum(engineStates),
  replaced: z.boolean(),
  facts: z
    .object({
      kind: z.enum(engineKinds),
      models: z.array(z.string().max(200)).max(20),
      contextTokens: z.int().min(1).optional(),
    })
    .optional(),
})
const enginesSchema = z.record(
  z.string().max(400),
  z.object({ stable: seenSchema.optional(), canary: seenSchema.optional() }),
)
export type EnginesByService = z.infer<typeof enginesSchema>

const answersWithinMs = 5_000
const answerCharsMax = 1_000_000

/** What the first gateway that answers says of the engines; undefined where none does. */
export async function askEngines(
  addresses: string[],
  port: number,
  signal: AbortSignal,
): Promise<EnginesByService | undefined> {
  for (const address of addresses) {
    const host = address.includes(':') ? `[${address}]` : address
    try {
      const { statusCode, body } = await request(`http://${host}:${port}${enginesPath}`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]),
      })
      const text = (await body.text()).slice(0, answerCharsMax)
      const parsed = enginesSchema.safeParse(statusCode === 200 ? JSON.parse(text) : undefined)
      if (parsed.success) return parsed.data
    } catch {
      signal.throwIfAborted()
    }
  }
  return undefined
}

/** Asks again every `everyMs` until the signal aborts, and calls back with each difference. */
export async function watchEngines(
  look: () => Promise<EnginesByService | undefined>,
  onSeen: (seen: EnginesByService) => void,
  { everyMs, signal }: { everyMs: number; signal: AbortSignal },
): Promise<void> {
  let last = ''
  while (!signal.aborted) {
    const seen = await look().catch(() => undefined)
    const text = seen && canonicalJson(seen)
    if (seen && text && text !== last) {
      last = text
      onSeen(seen)
    }
    await pause(everyMs, undefined, { signal }).catch(() => {})
  }
}
