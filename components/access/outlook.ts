import { withinQuota } from '#server/domain/access/quota.ts'
import { wishAgainst } from '#server/domain/access/wish-changes.ts'
import type { BindingView, ModelServiceView } from '#server/domain/views.ts'
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
    const against = wishAgainst(standing, { ...wish, renewal: standing.renewal }, now)
    if (against !== 'request') return against
  }
  const { auto } = service.approval
  const passes =
    auto && wish.durationDays <= auto.maxDurationDays && withinQuota(wish.quota, auto.maxQuota)
  return passes ? 'auto' : 'people'
}
