import type { Decision, Grant } from './model-binding.ts'

const decisionsMax = 100

/**
 * The newest, what the grant in force rests on, and what denies the last wish, however old. Anybody who is granted
 * something can take less of it again and again: each of these is a decision about the same plan.
 */
export function keptDecisions(decisions: Decision[], granted: Grant | undefined): Decision[] {
  const from = decisions.length - decisionsMax
  const basis = decisions.findLastIndex(({ decision, digest }) => {
    return (decision === 'approve' || decision === 'move') && digest === granted?.digest
  })
  const denial = decisions.findLastIndex(({ decision }) => decision === 'deny')
  return decisions.filter((_, index) => index >= from || index === basis || index === denial)
}
