import type { KubeObject } from '#server/domain/kubernetes.ts'
import { createRedactor, type RedactionState, type Redactor } from '#server/domain/runs/redact.ts'
import { type RedactText, textRedaction } from '#server/domain/runs/redact-object.ts'
import { redactRun } from '#server/domain/runs/redact-run.ts'
import { customRule, type RedactionRule } from '#server/domain/runs/redaction-rules.ts'
import { ConfigMap } from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import type { Log } from '#server/log.ts'

export type Redaction = {
  redactor(before?: RedactionState): Redactor
  /** What is no log. */
  text: RedactText
  /** A run or a Task as it is shown and kept; worked out once for as long as object and rules are the same. */
  object<T extends KubeObject>(object: T): T
}

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
  return redactionBy(() => rules)
}

const none: readonly RedactionRule[] = []

/** `rules`: those of the administrators; another list when they have changed. */
export function redactionBy(rules: () => readonly RedactionRule[] = () => none): Redaction {
  let kept = { rules: rules(), safe: new WeakMap<object, unknown>() }
  const text = textRedaction(() => createRedactor(rules()))
  return {
    redactor: (before) => createRedactor(rules(), before),
    text,
    object<T extends KubeObject>(object: T): T {
      if (kept.rules !== rules()) kept = { rules: rules(), safe: new WeakMap() }
      const safe = (kept.safe.get(object) as T | undefined) ?? redactRun(object, text)
      kept.safe.set(object, safe)
      return safe
    },
  }
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
