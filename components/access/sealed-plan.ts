import { type BindPlan, bindPlanSchema } from '#server/domain/access/plan.ts'
import { digestOf } from '#server/domain/canonical-json.ts'
import type { BindingView, RunView } from '#server/domain/views.ts'

export type SealedPlan = {
  plan: BindPlan
  /** Whether the text in the run, hashed here, gives the digest that a decision names. */
  matches: boolean
}

/** The plan whole, as the pending run carries it in its parameters; undefined where the run is not there to be read. */
export function sealedPlan(
  run: Pick<RunView, 'params'> | undefined,
  seal: Pick<NonNullable<BindingView['seal']>, 'digest'>,
): SealedPlan | undefined {
  const text = run?.params.find(({ name }) => name === 'plan')?.value
  if (typeof text !== 'string') return undefined
  const parsed = bindPlanSchema.safeParse(parseJson(text))
  return parsed.success ? { plan: parsed.data, matches: digestOf(text) === seal.digest } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
