import type { AccessQuestion, Kube } from './kube.ts'

export type AccessReviews = {
  /** The cluster's answer, at most `ttlMs` old. */
  may(question: AccessQuestion): Promise<boolean>
}

/**
 * SubjectAccessReviews that many ask at once: the same question is asked upstream once and its answer is kept for a
 * short time, so that a right that was taken away closes the tap soon. Failures are not kept.
 */
export function accessReviews(
  kube: Pick<Kube, 'mayAccess'>,
  options: { ttlMs?: number; entriesMax?: number; now?: () => number } = {},
): AccessReviews {
  const { ttlMs = 10_000, entriesMax = 20_000, now = () => performance.now() } = options
  const answers = new Map<string, { until: number; answer: Promise<boolean> }>()

  return {
    may(question) {
      const key = questionKey(question)
      const known = answers.get(key)
      if (known && known.until > now()) return known.answer
      // Maps keep the order of insertion: what goes first was asked first.
      answers.delete(key)
      const [oldest] = answers.keys()
      if (answers.size >= entriesMax && oldest !== undefined) answers.delete(oldest)

      const entry = { until: now() + ttlMs, answer: kube.mayAccess(question) }
      answers.set(key, entry)
      entry.answer.catch(() => {
        if (answers.get(key) === entry) answers.delete(key)
      })
      return entry.answer
    },
  }
}

function questionKey(question: AccessQuestion): string {
  const { user, groups, verb, group, resource, subresource, namespace, name } = question
  const who = [user, [...groups].sort()]
  return JSON.stringify([who, verb, group, resource, subresource, namespace, name])
}
