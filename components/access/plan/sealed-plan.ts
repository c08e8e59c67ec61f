import { type BindPlan, bindPlanSchema } from '#server/access/model/plan.ts'
import { digestOf } from '#server/platform/model/canonical-json.ts'

export type SealedPlan = {
  plan: BindPlan
  /** Whether the text in the run, hashed here, gives the digest that a decision names. */
  matches: boolean
}

/** The plan whole, from the text that the pending run carries in its parameters; undefined where that is none. */
export function sealedPlan(text: string, digest: string): SealedPlan | undefined {
  const parsed = bindPlanSchema.safeParse(parseJson(text))
  return parsed.success ? { plan: parsed.data, matches: digestOf(text) === digest } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
