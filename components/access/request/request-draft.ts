import type { Purpose, Strategy } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

/** The form as typed: numbers stay text until they are sent, so that nothing a person types is lost or changed. */
export type RequestDraft = {
  namespace: string
  strategy: Strategy
  alias: string
  purpose: Purpose
  justification: string
  durationDays: string
  requestsPerMinute: string
  tokensPerDay: string
  concurrency: string
}

const aliases: Record<Strategy, string> = {
  ExternalName: 'vibethinker-gateway',
  EndpointSlice: 'manual-vibe-proxy',
}

export function firstDraft(
  service: ModelServiceView,
  namespace: string,
  binding?: BindingView,
): RequestDraft {
  if (binding) {
    const { asked, granted, pending } = binding
    // Where an approver granted less than was asked, the form begins with what there is.
    const { strategy, alias, durationDays, quota } = pending ? asked : (granted ?? asked)
    return {
      namespace: binding.namespace,
      strategy,
      alias,
      purpose: asked.purpose,
      justification: asked.justification,
      durationDays: String(durationDays),
      requestsPerMinute: String(quota.requestsPerMinute),
      tokensPerDay: String(quota.tokensPerDay),
      concurrency: String(quota.concurrency),
    }
  }
  const { maxDurationDays, maxQuota } = service.limits
  return {
    namespace,
    strategy: 'ExternalName',
    alias: aliases.ExternalName,
    purpose: 'Research',
    justification: '',
    durationDays: String(Math.min(30, maxDurationDays)),
    requestsPerMinute: String(Math.min(60, maxQuota.requestsPerMinute)),
    tokensPerDay: String(Math.min(1_000_000, maxQuota.tokensPerDay)),
    concurrency: String(Math.min(4, maxQuota.concurrency)),
  }
}

/** The strategy's usual alias follows the strategy, unless the person chose a name of their own. */
export function withStrategy(draft: RequestDraft, strategy: Strategy): RequestDraft {
  const alias = draft.alias === aliases[draft.strategy] ? aliases[strategy] : draft.alias
  return { ...draft, strategy, alias }
}

/** What is sent: text that is no number becomes NaN, which the schema refuses beside its field. */
export function bodyOf(draft: RequestDraft, service: { namespace: string; name: string }) {
  const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text))
  return {
    namespace: draft.namespace,
    modelService: { namespace: service.namespace, name: service.name },
    strategy: draft.strategy,
    alias: draft.alias.trim(),
    purpose: draft.purpose,
    justification: draft.justification.trim(),
    durationDays: number(draft.durationDays),
    quota: {
      requestsPerMinute: number(draft.requestsPerMinute),
      tokensPerDay: number(draft.tokensPerDay),
      concurrency: number(draft.concurrency),
    },
  }
}
