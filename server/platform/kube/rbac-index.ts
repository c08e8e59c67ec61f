import { setMaxListeners } from 'node:events'
import type { Log } from '#server/platform/log.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { RoleBinding } from './kinds.ts'
import type { Kube, WatchedEvent } from './kube.ts'
import { ClusterRole, ClusterRoleBinding, Role } from './rbac-kinds.ts'
import { keyOf } from './watch/shared-watch.ts'

/** What a binding names: `User:ada`, `Group:research`. */
export type Subjects = ReadonlySet<string>

/** Whose rights may have changed; in every namespace where none is given. */
export type RbacChange = { subjects: Subjects; namespace?: string }

export type RbacIndex = {
  /** Every change up to now is known, but for the milliseconds that a watch takes. */
  isCurrent(): boolean
  /** Whether a RoleBinding of this namespace names any of them. Says nothing about what it grants. */
  names(subjects: Subjects, namespace: string): boolean
  subscribe(listener: (change: RbacChange) => void): void
}

type Bound = { version: string; namespace?: string; role: string; subjects: Subjects }

export function subjectsOf({ user, groups }: { user: string; groups: string[] }): Subjects {
  return new Set([`User:${user}`, ...groups.map((group) => `Group:${group}`)])
}

/**
 * Follows the four RBAC kinds, and keeps of them who is named where. It decides nothing: reviews do, and this says
 * which of them a change can have touched, and in which namespaces there is something to be reviewed.
 */
export function watchRbac(kube: Pick<Kube, 'watch'>, log: Log, signal: AbortSignal): RbacIndex {
  setMaxListeners(0, signal)
  const bindings = new Map<string, Bound>()
  const byNamespace = new Map<string, Set<Bound>>()
  const roleVersions = new Map<string, string>()
  const listeners = new Set<(change: RbacChange) => void>()
  const current = new Set<string>()

  function emit(change: RbacChange) {
    if (change.subjects.size === 0) return
    for (const listener of listeners) listener(change)
  }

  function putBinding(key: string, object: RoleBinding) {
    const old = bindings.get(key)
    const version = object.metadata.resourceVersion ?? ''
    if (old?.version === version) return
    const bound = boundOf(object, version)
    dropBound(key, old)
    bindings.set(key, bound)
    if (bound.namespace !== undefined) {
      const here = byNamespace.get(bound.namespace) ?? new Set()
      byNamespace.set(bound.namespace, here.add(bound))
    }
    if (old?.role === bound.role && isSame(old.subjects, bound.subjects)) return
    const subjects = new Set([...(old?.subjects ?? []), ...bound.subjects])
    emit({ subjects, namespace: bound.namespace })
  }

  function dropBound(key: string, bound: Bound | undefined) {
    if (!bound) return
    bindings.delete(key)
    if (bound.namespace === undefined) return
    const here = byNamespace.get(bound.namespace)
    here?.delete(bound)
    if (here?.size === 0) byNamespace.delete(bound.namespace)
  }

  function dropBinding(key: string) {
    const bound = bindings.get(key)
    dropBound(key, bound)
    if (bound) emit(bound)
  }

  function roleChanged(role: string) {
    for (const bound of bindings.values()) if (bound.role === role) emit(bound)
  }

  function putRole(key: string, { metadata }: KubeObject) {
    const version = metadata.resourceVersion ?? ''
    if (roleVersions.get(key) === version) return
    roleVersions.set(key, version)
    roleChanged(key)
  }

  function dropRole(key: string) {
    if (roleVersions.delete(key)) roleChanged(key)
  }

  async function follow<T extends KubeObject>(
    kind: Kind<T>,
    known: ReadonlyMap<string, unknown>,
    put: (key: string, object: T) => void,
    drop: (key: string) => void,
  ) {
    const prefix = `${kind.kind} `
    const keyHere = (object: T) => prefix + keyOf(object)
    function take(event: WatchedEvent<T>) {
      if (event.type === 'upsert') put(keyHere(event.object), event.object)
      else if (event.type === 'remove') drop(keyHere(event.object))
      else if (event.type === 'snapshot') {
        const listed = new Set(event.objects.map(keyHere))
        for (const key of [...known.keys()]) {
          if (key.startsWith(prefix) && !listed.has(key)) drop(key)
        }
        for (const object of event.objects) put(keyHere(object), object)
        current.add(kind.kind)
      } else {
        current.delete(kind.kind)
        log.warn({ err: event.error, kind: kind.kind }, 'RBAC watch interrupted')
      }
    }
    for await (const event of kube.watch(kind, { signal })) take(event)
  }
  void follow(RoleBinding, bindings, putBinding, dropBinding)
  void follow(ClusterRoleBinding, bindings, putBinding, dropBinding)
  void follow(Role, roleVersions, putRole, dropRole)
  void follow(ClusterRole, roleVersions, putRole, dropRole)

  return {
    isCurrent: () => current.size === 4,
    names(subjects, namespace) {
      for (const bound of byNamespace.get(namespace) ?? []) {
        for (const subject of bound.subjects) if (subjects.has(subject)) return true
      }
      return false
    },
    subscribe: (listener) => void listeners.add(listener),
  }
}

function boundOf({ metadata, roleRef, subjects = [] }: RoleBinding, version: string): Bound {
  const { namespace } = metadata
  const role = roleRef.kind === 'Role' ? `Role ${namespace}/` : 'ClusterRole '
  return {
    version,
    namespace,
    role: role + roleRef.name,
    subjects: new Set(
      subjects.map(({ kind, name, namespace: home = namespace }) =>
        kind === 'ServiceAccount'
          ? `User:system:serviceaccount:${home}:${name}`
          : `${kind}:${name}`,
      ),
    ),
  }
}

function isSame(a: Subjects, b: Subjects): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}
