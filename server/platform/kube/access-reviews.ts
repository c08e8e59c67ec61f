import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AccessQuestion, Kube } from './kube.ts'
import { outsideRequests } from './outside-requests.ts'
import { type RbacChange, type RbacIndex, type Subjects, subjectsOf } from './rbac-index.ts'

export type Identity = { user: string; groups: string[] }

/** What is to be done to what, without who. */
export type AccessAttributes = Omit<AccessQuestion, 'user' | 'groups'>

export type AccessReviews = {
  /** The questions of one person; to be kept for as many of them as there are. */
  of(identity: Identity): {
    /** The cluster's answer, at most `freshMs` old: before something is done. */
    may(attributes: AccessAttributes): Promise<boolean>
    /**
     * For lists of many namespaces: what is granted in all of them is asked once, and a namespace whose RoleBindings do
     * not name the person is not asked about. Answers are kept while the RBAC watch stands, and asked again in rounds.
     */
    mayCached(attributes: AccessAttributes): Promise<boolean>
  }
  /** Told whose answers may have changed, once the old ones are forgotten. */
  onChange(listener: (affects: (identity: Identity) => boolean) => void, signal: AbortSignal): void
}

export type AccessOptions = {
  /** Without it, no answer is kept for longer than `freshMs`. */
  rbac?: RbacIndex
  /** Another authorizer than RBAC grants by namespace: each namespace is asked about. */
  everyNamespace?: boolean
  freshMs?: number
  /** Nobody wanted it for so long: it is forgotten. */
  unusedMs?: number
  entriesMax?: number
  /** The rounds: at most one review in so many milliseconds; what was allowed sooner than what was refused. */
  recheckEveryMs?: number
  recheckAllowedMs?: number
  recheckRefusedMs?: number
  /** An API server learns of a change of RBAC by a watch as we do, perhaps later: after this, all is asked once more. */
  settleMs?: number
  now?: () => number
  signal?: AbortSignal
}

type Person = { who: string; identity: Identity; subjects: Subjects; entries: Set<Entry> }
type Entry = { key: string; person: Person; attributes: AccessAttributes } & Answer
type Answer = { allowed: boolean; askedMs: number }

/**
 * SubjectAccessReviews that many ask for: the same at once is one review. Only answers are kept, never what led to
 * them; failures are not kept.
 */
export function accessReviews(
  kube: Pick<Kube, 'mayAccess'>,
  options: AccessOptions = {},
): AccessReviews {
  const { rbac, everyNamespace = false, freshMs = 10_000, unusedMs = 600_000 } = options
  const { entriesMax = 100_000, recheckEveryMs = 100, settleMs = 2_000 } = options
  const { recheckAllowedMs = 30_000, recheckRefusedMs = 600_000 } = options
  const { now = () => performance.now(), signal } = options
  const outside = outsideRequests()
  const people = new Map<string, Person>()
  const asking = new Map<string, Promise<boolean>>()
  const listeners = new Set<(affects: (identity: Identity) => boolean) => void>()
  // The one asked first comes first.
  const rounds = { allowed: new Set<Entry>(), refused: new Set<Entry>() }
  const entries = new LRUCache<string, Entry>({
    max: entriesMax,
    ttl: unusedMs,
    updateAgeOnGet: true,
    ttlResolution: 0,
    perf: { now },
    dispose: forget,
  })

  function forget(entry: Entry) {
    rounds.allowed.delete(entry)
    rounds.refused.delete(entry)
    entry.person.entries.delete(entry)
    const { who, entries: left } = entry.person
    if (left.size === 0 && people.get(who) === entry.person) people.delete(who)
  }

  function keep(key: string, person: Person, attributes: AccessAttributes, answer: Answer) {
    const there = entries.peek(key)
    // Another question of the same person may have been forgotten, and the person with it.
    const known = people.get(person.who) ?? person
    const entry = { key, person: known, attributes, ...answer }
    // A round is no use: what only rounds ask again is forgotten in time.
    entries.set(key, entry, { noUpdateTTL: true })
    people.set(known.who, known)
    known.entries.add(entry)
    rounds[answer.allowed ? 'allowed' : 'refused'].add(entry)
    if (there && there.allowed !== answer.allowed) tell((one) => whoOf(one) === known.who)
  }

  function ask(key: string, person: Person, attributes: AccessAttributes): Promise<boolean> {
    const running = asking.get(key)
    if (running) return running
    const askedMs = now()
    const answer = outside(() =>
      kube
        .mayAccess({ ...attributes, ...person.identity })
        .then((allowed) => {
          if (asking.get(key) === answer) keep(key, person, attributes, { allowed, askedMs })
          return allowed
        })
        .finally(() => {
          if (asking.get(key) === answer) asking.delete(key)
        }),
    )
    asking.set(key, answer)
    return answer
  }

  function answerOf(person: Person, attributes: AccessAttributes, keptMs: number) {
    const key = keyOf(person, attributes)
    const entry = entries.get(key)
    const isKept = entry && now() - entry.askedMs < keptMs
    return isKept ? entry.allowed : ask(key, person, attributes)
  }

  function changed({ subjects, namespace }: RbacChange) {
    const touched = new Set<string>()
    for (const person of people.values()) {
      if (!meet(person.subjects, subjects)) continue
      touched.add(person.who)
      for (const entry of [...person.entries]) {
        const asked = entry.attributes.namespace
        if (namespace === undefined || asked === namespace) entries.delete(entry.key)
      }
    }
    // An answer that is under way may be older than the change.
    asking.clear()
    tell((identity) => touched.has(whoOf(identity)) || meet(subjectsOf(identity), subjects))
  }

  function tell(affects: (identity: Identity) => boolean) {
    for (const listener of [...listeners]) listener(affects)
  }

  function recheckOne() {
    if (!rbac?.isCurrent()) return
    const at = now()
    const [allowed] = rounds.allowed
    const [refused] = rounds.refused
    const due =
      allowed && at - allowed.askedMs > recheckAllowedMs
        ? allowed
        : refused && at - refused.askedMs > recheckRefusedMs
          ? refused
          : undefined
    if (!due || asking.has(due.key)) return
    if (entries.getRemainingTTL(due.key) <= 0) return void entries.delete(due.key)
    // One that fails is asked again by who needs it.
    ask(due.key, due.person, due.attributes).catch(() => entries.delete(due.key))
  }

  if (rbac) {
    rbac.subscribe((change) => {
      changed(change)
      setTimeout(changed, settleMs, change).unref()
    })
    const timer = setInterval(recheckOne, recheckEveryMs).unref()
    signal?.addEventListener('abort', () => clearInterval(timer), { once: true })
  }

  return {
    of(identity) {
      const who = whoOf(identity)
      const made = { who, identity, subjects: subjectsOf(identity), entries: new Set<Entry>() }
      const person = () => people.get(who) ?? made
      return {
        may: async (attributes) => answerOf(person(), attributes, freshMs),
        async mayCached(attributes) {
          const keptMs = () => (rbac?.isCurrent() ? Number.POSITIVE_INFINITY : freshMs)
          const { namespace, name: _, ...wide } = attributes
          if (namespace === undefined) return answerOf(person(), attributes, keptMs())
          if (await answerOf(person(), wide, keptMs())) return true
          const isNamed =
            everyNamespace || !rbac?.isCurrent() || rbac.names(made.subjects, namespace)
          return isNamed && answerOf(person(), attributes, keptMs())
        },
      }
    },
    onChange(listener, until) {
      listeners.add(listener)
      until.addEventListener('abort', () => listeners.delete(listener), { once: true })
    },
  }
}

/** Long lists of groups are held once, not with each answer. */
function whoOf({ user, groups }: Identity): string {
  return createHash('sha256')
    .update(JSON.stringify([user, [...groups].sort()]))
    .digest('base64url')
}

function keyOf({ who }: Person, attributes: AccessAttributes): string {
  const { verb, group, resource, subresource = '', namespace = '', name = '' } = attributes
  return [who, verb, group, resource, subresource, namespace, name].join(' ')
}

function meet(a: Subjects, b: Subjects): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a]
  for (const one of few) if (many.has(one)) return true
  return false
}
