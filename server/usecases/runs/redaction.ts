import { createRedactor, type RedactionState, type Redactor } from '#server/domain/runs/redact.ts'
import { customRule, type RedactionRule } from '#server/domain/runs/redaction-rules.ts'
import { ConfigMap } from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import type { Log } from '#server/log.ts'

export type Redaction = { redactor(before?: RedactionState): Redactor }

/** In the namespace of Bindery itself: each key a rule's name, each value an expression in RE2's syntax. */
export const redactionConfigMap = 'bindery-redaction'

const rulesMax = 100
const lookEveryMs = 30_000

/**
 * The rules of the product and those of the administrators, as they are now: looked up again every half minute. Where
 * they cannot be had, those known last stand; one that cannot be read is left out, and said so in the log.
 */
export async function watchRedaction(
  kube: Kube,
  namespace: string,
  log: Log,
  signal: AbortSignal,
): Promise<Redaction> {
  let rules: RedactionRule[] = []
  let seen: string | undefined

  async function look() {
    const found = await kube.find(ConfigMap, { namespace, name: redactionConfigMap })
    const version = JSON.stringify(found?.data ?? {})
    if (version === seen) return
    seen = version
    rules = rulesIn(found?.data ?? {}, log)
  }

  const looked = () =>
    look().catch((error) => log.warn({ err: error }, 'the redaction rules could not be read'))
  await looked()
  const timer = setInterval(looked, lookEveryMs)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  return { redactor: (before) => createRedactor(rules, before) }
}

export function rulesIn(data: Record<string, string>, log: Log): RedactionRule[] {
  return Object.entries(data)
    .slice(0, rulesMax)
    .flatMap(([name, pattern]) => {
      try {
        return [customRule(name, pattern.trim())]
      } catch (error) {
        log.error({ err: error, rule: name }, 'a redaction rule cannot be used')
        return []
      }
    })
}
