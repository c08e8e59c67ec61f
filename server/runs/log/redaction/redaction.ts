import { ConfigMap } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Log } from '#server/platform/log.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { createRedactor, type RedactionState, type Redactor } from '#server/runs/model/redact.ts'
import { type RedactText, textRedaction } from '#server/runs/model/redact-object.ts'
import { redactRun } from '#server/runs/model/redact-run.ts'
import { customRule, type RedactionRule } from '#server/runs/model/redaction-rules.ts'

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

/**
 * The rules of the product and those of the administrators, as they are now. Resolves once they are known (no ConfigMap:
 * there are none), so that nothing is shown or archived before; rejects when the signal aborts first. While they cannot
 * be watched, those known last stand. A rule that cannot be compiled is logged, and its last version that could stands.
 */
export async function watchRedaction(
  kube: Kube,
  namespace: string,
  log: Log,
  signal: AbortSignal,
): Promise<Redaction> {
  let rules: RedactionRule[] = []
  let seen: string | undefined
  const fieldSelector = `metadata.name=${redactionConfigMap}`
  const watch = sharedWatch(kube, ConfigMap, { namespace, fieldSelector, signal })
  watch.subscribe((event) => {
    if (event.type === 'stale') {
      log.warn({ err: event.error, known: watch.isSynced() }, 'redaction rules watch failed')
      return
    }
    const { data = {} } = watch.get(`${namespace}/${redactionConfigMap}`) ?? {}
    const version = JSON.stringify(data)
    if (version === seen) return
    seen = version
    rules = rulesIn(data, log, rules)
  }, signal)
  await watch.synced(signal)
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

/** `before`: the rules so far; of one that cannot be compiled any more, that version stands. */
export function rulesIn(
  data: Record<string, string>,
  log: Log,
  before: readonly RedactionRule[] = [],
): RedactionRule[] {
  const entries = Object.entries(data)
  const unused = entries.slice(rulesMax).map(([name]) => name)
  if (unused.length > 0) log.error({ unused, rulesMax }, 'redaction rules exceed the limit')
  return entries.slice(0, rulesMax).flatMap(([name, pattern]) => {
    try {
      return [customRule(name, pattern.trim())]
    } catch (error) {
      const kept = before.filter((rule) => rule.name === name)
      log.error({ err: error, rule: name, kept: kept.length > 0 }, 'redaction rule compile failed')
      return kept
    }
  })
}
