import type { KubeObject } from '#server/lab/cluster/client.ts'
import { parseQuantity } from '#server/lab/cluster/kubelet/field-values.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'

/** Why the one node cannot take a pod, in the scheduler's words; undefined where it can. */
export function unschedulableReason(
  pod: KubeObject,
  node: KubeObject,
  others: KubeObject[],
): string | undefined {
  const why = affinityReason(pod, node) ?? taintReason(pod, node) ?? shortages(pod, node, others)
  if (!why) return undefined
  const hint = why.preemptable
    ? 'No preemption victims found for incoming pod'
    : 'Preemption is not helpful for scheduling'
  return `0/1 nodes are available: 1 ${why.text}. preemption: 0/1 nodes are available: 1 ${hint}.`
}

/** `preemptable`: the node could take the pod if it were empty. */
type Reason = { text: string; preemptable: boolean }

function affinityReason(pod: KubeObject, node: KubeObject): Reason | undefined {
  const labels = node.metadata.labels ?? {}
  const wanted: [string, string][] = Object.entries(pod.spec.nodeSelector ?? {})
  const matches = wanted.every(([key, value]) => labels[key] === value)
  const terms: Fields[] | undefined =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms
  const fits =
    !terms ||
    terms.some((term) =>
      (term.matchExpressions ?? []).every((one: Fields) => nodeMatches(one, labels)),
    )
  if (matches && fits) return undefined
  return { text: "node(s) didn't match Pod's node affinity/selector", preemptable: false }
}

function nodeMatches(expression: Fields, labels: Record<string, string>): boolean {
  const value = labels[expression.key]
  const values: string[] = expression.values ?? []
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}

function taintReason(pod: KubeObject, node: KubeObject): Reason | undefined {
  if (node.spec?.unschedulable) return { text: 'node(s) were unschedulable', preemptable: false }
  const tolerations: Fields[] = pod.spec.tolerations ?? []
  const tolerated = (taint: Fields) =>
    tolerations.some(
      (one) =>
        (!one.key || one.key === taint.key) &&
        (!one.effect || one.effect === taint.effect) &&
        (one.operator === 'Exists' || (one.value ?? '') === (taint.value ?? '')),
    )
  const taint = (node.spec?.taints ?? []).find(
    (one: Fields) => one.effect !== 'PreferNoSchedule' && !tolerated(one),
  )
  return taint && { text: 'node(s) had untolerated taint(s)', preemptable: false }
}

function shortages(pod: KubeObject, node: KubeObject, others: KubeObject[]): Reason | undefined {
  const allocatable: Record<string, string> = node.status?.allocatable ?? {}
  if (others.length + 1 > Number(allocatable.pods ?? Number.POSITIVE_INFINITY))
    return { text: 'Too many pods', preemptable: true }
  const room = (name: string) => parseQuantity(allocatable[name] ?? '0')
  const short = Object.entries(requestsOf(pod)).filter(([name, wanted]) => {
    const used = others.reduce((sum, other) => sum + (requestsOf(other)[name] ?? 0), 0)
    return wanted > 0 && wanted + used > room(name)
  })
  if (short.length === 0) return undefined
  const text = short
    .map(([name]) => `Insufficient ${name}`)
    .sort()
    .join(', 1 ')
  return { text, preemptable: short.every(([name, wanted]) => wanted <= room(name)) }
}

/** What a pod asks for: the sum of its containers, or its largest init container. */
function requestsOf(pod: KubeObject): Record<string, number> {
  const total: Record<string, number> = {}
  const add = (container: Fields, combine: (a: number, b: number) => number) => {
    for (const [name, quantity] of Object.entries<string>(container.resources?.requests ?? {}))
      total[name] = combine(total[name] ?? 0, parseQuantity(quantity))
  }
  for (const container of pod.spec.containers ?? []) add(container, (a, b) => a + b)
  for (const container of pod.spec.initContainers ?? []) add(container, Math.max)
  return total
}
