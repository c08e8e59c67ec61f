import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'

export type Ref = { namespace?: string; name: string }

export type ListOptions = { namespace?: string; labelSelector?: string; fieldSelector?: string }

export type PatchOptions = {
  type?: 'merge' | 'json'
  subresource?: 'status'
  dryRun?: boolean
  fieldManager?: string
}

export type ApplyOptions = { fieldManager: string; force?: boolean; dryRun?: boolean }

export type AccessQuestion = {
  user: string
  groups: string[]
  verb: string
  group: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}

export type WatchedEvent<T> =
  | { type: 'snapshot'; objects: T[] }
  | { type: 'upsert'; object: T }
  | { type: 'remove'; object: T }
  /** The upstream is cut; what was seen still stands, a snapshot follows once it is back. */
  | { type: 'stale'; error: Error }

/** How we ask Kubernetes, as one identity. Failures are AppErrors translated from the server's Status. */
export type Kube = {
  /** The API server's address; for messages, never for requests. */
  readonly server: string
  /** The API server's time, never ahead of it (see cluster-clock.ts). */
  now(): Date
  /** Told when time jumped: this process slept, or a clock was found to be wrong. */
  onClockJump(listener: () => void, signal: AbortSignal): void
  get<T extends KubeObject>(kind: Kind<T>, ref: Ref): Promise<T>
  /** Undefined where it is not there; every other failure throws. */
  find<T extends KubeObject>(kind: Kind<T>, ref: Ref): Promise<T | undefined>
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<T[]>
  create<T extends KubeObject>(kind: Kind<T>, object: T, options?: { dryRun?: boolean }): Promise<T>
  replace<T extends KubeObject>(kind: Kind<T>, object: T): Promise<T>
  replaceStatus<T extends KubeObject>(kind: Kind<T>, object: T): Promise<T>
  patch<T extends KubeObject>(
    kind: Kind<T>,
    ref: Ref,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>
  /** Server-side apply. A conflict names the other manager and the fields. */
  apply<T extends KubeObject>(kind: Kind<T>, object: T, options: ApplyOptions): Promise<T>
  remove<T extends KubeObject>(
    kind: Kind<T>,
    ref: Ref,
    options?: {
      propagation?: 'Background' | 'Foreground' | 'Orphan'
      uid?: string
      resourceVersion?: string
    },
  ): Promise<void>
  /** List and watch for ever: a snapshot, then changes, healed after every fault, until the signal aborts. */
  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: ListOptions & { signal: AbortSignal },
  ): AsyncIterable<WatchedEvent<T>>
  /** SubjectAccessReview. */
  mayAccess(question: AccessQuestion): Promise<boolean>
  /** TokenReview: who sent this token, if it was made for this audience. */
  reviewToken(
    token: string,
    audience: string,
  ): Promise<{ user: string; groups: string[] } | undefined>
  /** What the API server says of itself, as `v1.36.2`. */
  version(): Promise<string>
  /** Who we are (SelfSubjectReview). */
  whoAmI(): Promise<{ user: string; groups: string[] }>
  /** TokenRequest for a ServiceAccount. */
  requestToken(
    serviceAccount: { namespace: string; name: string },
    options: { audience: string; expirationSeconds: number },
  ): Promise<{ token: string; expiresAt: string }>
  /** Bytes of one container's log as the kubelet has it. */
  followLog(
    pod: { namespace: string; name: string },
    options: LogOptions,
  ): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export type LogOptions = {
  container: string
  follow?: boolean
  sinceTime?: string
  timestamps?: boolean
  previous?: boolean
  tailLines?: number
  signal?: AbortSignal
}
