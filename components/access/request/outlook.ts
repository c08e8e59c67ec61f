import { withinQuota } from '#server/access/model/quota.ts'
import { requestAgainst } from '#server/access/model/requested-changes.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import type { bodyOf } from './request-draft.ts'

/**
 * What becomes of a wish once it is sent: `less` takes effect at once, `auto` is approved by the service itself,
 * `people` decide on the rest; `nothing` asks for what is granted already.
 */
export type Outlook = 'nothing' | 'less' | 'auto' | 'people'

export function outlookOf(
  wish: ReturnType<typeof bodyOf>,
  service: Pick<ModelServiceView, 'approval'>,
  options: { binding?: BindingView; extend?: boolean; now: Date },
): Outlook {
  const { binding, extend, now } = options
  const standing = binding?.granted && binding.term ? binding.granted : undefined
  if (standing && !extend) {
    const against = requestAgainst(standing, { ...wish, renewal: standing.renewal }, now)
    if (against !== 'request') return against
  }
  const { auto } = service.approval
  const passes =
    auto && wish.durationDays <= auto.maxDurationDays && withinQuota(wish.quota, auto.maxQuota)
  return passes ? 'auto' : 'people'
}
