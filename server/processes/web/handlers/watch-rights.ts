import type { Person } from '#server/platform/auth/session.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { identityOf } from '#server/processes/web/context-of.ts'
import type { ProcessState } from '#server/processes/web/process-state.ts'

/** Beside the watch of RBAC: for authorizers that have no objects to watch, and while the watch is away. */
const askAgainMs = 10_000

/**
 * Calls back once when what a stream rests on is not allowed any more: when RBAC changes for this person, and every few
 * seconds. `holds` may throw: while nobody can say, the stream goes on.
 */
export function watchRights(
  state: Pick<ProcessState, 'reviews' | 'log'>,
  person: Person,
  holds: () => Promise<boolean>,
  onLost: (error: AppError) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return
  const identity = identityOf(person)
  let asking = false
  let again = false

  async function look() {
    again = true
    if (asking) return
    asking = true
    while (again && !signal.aborted) {
      again = false
      try {
        if (await holds()) continue
        const text = 'Your right to this was withdrawn.'
        onLost(new AppError('forbidden', text, { key: 'withdrawn' }))
        break
      } catch (error) {
        state.log.warn({ err: error, user: person.user }, 'stream rights review failed')
      }
    }
    asking = false
  }

  state.reviews.onChange((affects) => {
    if (affects(identity)) void look()
  }, signal)
  const timer = setInterval(look, askAgainMs)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
