import { z } from 'zod'

const streamLine = z.object({ line: z.unknown().optional(), end: z.string().optional() })
const exchangeShape = z.object({
  note: z.string().optional(),
  request: z.object({ method: z.string(), path: z.string() }),
  response: z.object({
    status: z.number().optional(),
    body: z.unknown().optional(),
    stream: z.array(streamLine).optional(),
  }),
  stream: z.array(streamLine).optional(),
})

/** One file of recordings. */
export const recordingShape = z.object({ exchanges: z.array(exchangeShape) })

type Exchange = z.infer<typeof exchangeShape>

/** What differs between two runs of one cluster, or what no client decides by. */
const ignored = new Set(
  `uid resourceVersion selfLink creationTimestamp deletionTimestamp managedFields generation observedGeneration time
  lastTransitionTime lastProbeTime startTime startedAt finishedAt completionTime firstTimestamp lastTimestamp eventTime
  timestamp expirationTimestamp token imageID containerID image podIP podIPs hostIP hostIPs nodeName clusterIP
  clusterIPs continue remainingItemCount gitVersion gitCommit gitTreeState buildDate goVersion compiler platform major
  minor qosClass tolerations priority preemptionPolicy enableServiceLinks schedulerName terminationGracePeriodSeconds
  dnsPolicy volumes volumeMounts env args command securityContext provenance featureFlags artifacts storageVersionHash
  reportingComponent reportingInstance serverAddressByClientCIDRs resources user limits requests annotations
  serviceAccount singularName`.split(/\s+/),
)
const ignoredPrefixes = [
  'emulation',
  'minCompatibility',
  'terminationMessage',
  'allocatedResources',
]
/** Certificates are each cluster's own. */
const ownContent = new Set(['ca.crt', 'service-ca.crt'])

/** What a client reads in the real exchange and would miss or find different in the other one. */
export function differencesOf(real: Exchange, other: Exchange): string[] {
  if (real.response.status !== other.response.status)
    return [`status ${other.response.status}, real ${real.response.status}`]
  const stream = real.stream ?? real.response.stream
  if (stream) return missingEvents(stream, other.stream ?? other.response.stream ?? [])
  const body = real.response.body
  if (typeof body === 'string') return differentText(real, other)
  if (isObject(body) && body.kind === 'EventList') return missingReasons(body, other.response.body)
  const found = flatten(other.response.body)
  return [...flatten(body)].flatMap(([path, value]) => {
    if (!found.has(path)) return [`lacks ${path}`]
    if (found.get(path) === value) return []
    return [`${path} is ${JSON.stringify(found.get(path))}, real ${JSON.stringify(value)}`]
  })
}

/** Kinds of events and the states of runs in them, in a short form; repetitions count once. */
function missingEvents(
  real: z.infer<typeof streamLine>[],
  other: z.infer<typeof streamLine>[],
): string[] {
  const found = new Set(other.map(eventTag))
  const isPassing = (tag: string) => /MODIFIED(:Unknown\/(Pending|Running|Started))?$/.test(tag)
  const needed = new Set(real.map(eventTag).filter((tag) => tag !== '' && !isPassing(tag)))
  return [...needed].filter((tag) => !found.has(tag)).map((tag) => `stream lacks ${tag}`)
}

function eventTag({ line }: { line?: unknown }): string {
  if (typeof line === 'string') return 'line'
  if (!isObject(line) || !isObject(line.object)) return ''
  const { kind, reason, status } = line.object
  const conditions = isObject(status) && Array.isArray(status.conditions) ? status.conditions : []
  const succeeded = conditions.find((one) => isObject(one) && one.type === 'Succeeded')
  const state = succeeded ? `:${succeeded.status}/${succeeded.reason}` : ''
  return `${line.type}${state}${kind === 'Status' ? `:${reason}` : ''}`
}

function missingReasons(real: Record<string, unknown>, other: unknown): string[] {
  const matters = /^(Started|Succeeded|Failed|Cancelled|TaskRun\w+|StepFailed)$/
  const found = reasonsOf(other)
  return [...reasonsOf(real)]
    .filter((reason) => matters.test(reason) && !found.has(reason))
    .map((reason) => `no event ${reason}`)
}

function reasonsOf(list: unknown): Set<string> {
  const items = isObject(list) && Array.isArray(list.items) ? list.items : []
  return new Set(items.filter(isObject).map((one) => String(one.reason)))
}

function differentText(real: Exchange, other: Exchange): string[] {
  // Where a log is cut depends on the moment.
  if (/tailLines|limitBytes|sinceSeconds/.test(real.request.path)) return []
  const lines = (text: unknown) => normalize(String(text)).split('\n').sort().join('\n')
  const same = lines(real.response.body) === lines(other.response.body)
  return same ? [] : [`text ${JSON.stringify(other.response.body)?.slice(0, 200)}`]
}

function flatten(value: unknown, path = '', found = new Map<string, unknown>()) {
  if (Array.isArray(value)) {
    found.set(`${path}.length`, value.length)
    for (const [index, one] of value.entries()) flatten(one, `${path}[${index}]`, found)
  } else if (isObject(value)) {
    for (const [key, one] of Object.entries(value)) {
      if (isIgnored(key, path, value)) continue
      flatten(one, path === '' ? key : `${path}.${key}`, found)
    }
  } else found.set(path, typeof value === 'string' ? normalize(value) : value)
  return found
}

function isIgnored(key: string, path: string, parent: Record<string, unknown>): boolean {
  // Slices have generated names.
  if (key === 'name' && path.endsWith('.metadata') && parent.generateName) return true
  if (ownContent.has(key)) return true
  return ignored.has(key) || ignoredPrefixes.some((prefix) => key.startsWith(prefix))
}

function normalize(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'TIME')
    .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replace(/\b10\.\d+\.\d+\.\d+\b|\b127\.\d+\.\d+\.\d+\b/g, 'IP')
    .replace(/(gen-|script-\d-)[a-z0-9]{5}/g, '$1XXXXX')
    .replace(/\b\d{3,}\b/g, 'N')
    .replace(/(\d+(\.\d+)?)(ms|s|m)\b/g, 'DUR')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
