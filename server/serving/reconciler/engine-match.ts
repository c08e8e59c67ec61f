import type { Condition } from '#server/platform/model/kubernetes.ts'
import { type EngineSeen, engineDifferences } from '#server/serving/model/engine-facts.ts'
import type { EngineStatus, ModelService } from '#server/serving/model/model-service.ts'

type Match = Pick<Condition, 'status' | 'reason' | 'message'>

/** Whether what the engines say of themselves is what the ModelService says; undefined while none was seen. */
export function engineMatch({ spec }: ModelService, engines: EngineStatus[]): Match | undefined {
  const seen = engines.flatMap((one) => (one.seen ? [{ ring: one.ring, seen: one.seen }] : []))
  if (seen.length === 0) return undefined
  const said = { model: spec.model, contextTokens: spec.limits.contextTokens }
  const problems = seen.flatMap(({ ring, seen }) => problemOf(ring, seen, said))
  const [first] = problems
  if (!first) {
    const message = 'The engines serve the model and the context that the ModelService names.'
    return { status: 'True', reason: 'AsStated', message }
  }
  const message = problems.map((one) => one.message).join(' ')
  return { status: 'False', reason: first.reason, message: message.slice(0, 2000) }
}

const away: Record<Exclude<EngineSeen['state'], 'answers'>, { reason: string; what: string }> = {
  loading: { reason: 'EngineLoading', what: 'still loads its model' },
  'key-refused': { reason: 'EngineKeyRefused', what: 'refuses the key of the gateway' },
  unreachable: { reason: 'EngineUnreachable', what: 'cannot be reached from the gateway' },
  malformed: { reason: 'EngineMalformed', what: 'is no OpenAI-compatible server: /v1/models' },
}

function problemOf(
  ring: string,
  { state, facts, replaced }: EngineSeen,
  said: { model: string; contextTokens: number },
): { reason: string; message: string }[] {
  const who = replaced ? `The server at INFERENCE_URL (${ring})` : `The ${ring} engine`
  if (state !== 'answers' || !facts) {
    const { reason, what } = away[state === 'answers' ? 'malformed' : state]
    return [{ reason, message: `${who} ${what}.` }]
  }
  return engineDifferences(facts, said).map((difference) =>
    difference === 'context'
      ? {
          reason: 'ContextDiffers',
          message: `${who} has a context of ${facts.contextTokens} tokens; limits.contextTokens says ${said.contextTokens}.`,
        }
      : {
          reason: 'ModelDiffers',
          message: `${who} serves ${facts.models.slice(0, 3).join(', ')}; spec.model says ${said.model}.`,
        },
  )
}
