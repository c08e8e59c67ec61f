import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { ConfigError, keyedData } from './environment.ts'
import { fieldValue, resourceValue } from './field-values.ts'

/** Asks the API server for a token of the pod's ServiceAccount, bound to the pod. */
export type IssueToken = (request: {
  namespace: string
  serviceAccount: string
  audiences: string[]
  expirationSeconds: number
  pod: { name: string; uid: string }
}) => Promise<{ token: string; expirationTimestamp: string }>

export type VolumeContext = {
  client: ClusterClient
  issueToken: IssueToken
  /** Where PersistentVolumeClaims live: they outlast their pods. */
  claimsDir: string
}

export type Volume = { name: string; hostPath: string }

type Item = { key: string; path: string; mode?: number }
type Source = Record<string, Record<string, unknown> | undefined>
type Files = Map<string, { content: Buffer; mode: number }>
type Token = { token: string; renewAt: number }

/** Makes a pod's volumes, and keeps those that follow the cluster current with `refresh`. */
export function podVolumes(context: VolumeContext, directory: string) {
  const tokens = new Map<string, Token>()

  async function tokenOf(
    pod: KubeObject,
    key: string,
    source: Record<string, unknown>,
  ): Promise<string> {
    const held = tokens.get(key)
    if (held && Date.now() < held.renewAt) return held.token
    const seconds = Number(source.expirationSeconds ?? 3600)
    const issued = await context.issueToken({
      namespace: pod.metadata.namespace ?? '',
      serviceAccount: pod.spec.serviceAccountName ?? 'default',
      audiences: source.audience ? [String(source.audience)] : [],
      expirationSeconds: seconds,
      pod: { name: pod.metadata.name, uid: pod.metadata.uid },
    })
    // The kubelet renews at 80 % of the lifetime.
    tokens.set(key, { token: issued.token, renewAt: Date.now() + seconds * 800 })
    return issued.token
  }

  async function collect(
    pod: KubeObject,
    volume: Source & { name: string },
  ): Promise<Files | undefined> {
    const namespace = pod.metadata.namespace ?? ''
    const files: Files = new Map()
    const add = (path: string, content: Buffer, mode: number) => {
      if (relative('/', join('/', path)) === path) files.set(path, { content, mode })
    }
    const addKeyed = (kind: 'configmap' | 'secret', ref: KeyedRef, mode: number) => {
      const data = keyedData(context.client, kind, namespace, ref)
      const items: Item[] = ref.items ?? Object.keys(data).map((key) => ({ key, path: key }))
      for (const item of items) {
        const content = data[item.key]
        if (content) add(item.path, content, item.mode ?? mode)
        else if (!ref.optional)
          throw new ConfigError(`references non-existent ${kind} key: ${item.key}`)
      }
    }
    const addFields = (items: DownwardItem[], mode: number) => {
      for (const item of items) {
        const text = item.fieldRef
          ? fieldValue(pod, item.fieldRef.fieldPath)
          : resourceValue(pod, item.resourceFieldRef ?? { resource: '' }, '')
        add(item.path, Buffer.from(text ?? ''), item.mode ?? mode)
      }
    }
    const { configMap, secret, downwardAPI, projected } = volume
    const mode = Number((configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? 0o644)
    if (configMap) addKeyed('configmap', keyedRef(configMap), mode)
    else if (secret) addKeyed('secret', keyedRef({ ...secret, name: secret.secretName }), mode)
    else if (downwardAPI) addFields(downwardItems(downwardAPI), mode)
    else if (projected) {
      for (const [index, source] of ((projected.sources as Source[]) ?? []).entries()) {
        if (source.configMap) addKeyed('configmap', keyedRef(source.configMap), mode)
        if (source.secret) addKeyed('secret', keyedRef(source.secret), mode)
        if (source.downwardAPI) addFields(downwardItems(source.downwardAPI), mode)
        const token = source.serviceAccountToken
        if (token) {
          const text = await tokenOf(pod, `${volume.name}/${index}`, token)
          add(String(token.path), Buffer.from(text), 0o600)
        }
      }
    } else return undefined
    return files
  }

  async function refresh(pod: KubeObject): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) {
      const files = await collect(pod, volume)
      if (files) project(join(directory, volume.name), files)
    }
  }

  return {
    /** Throws what a FailedMount event says. */
    async mount(pod: KubeObject): Promise<Volume[]> {
      const volumes: Volume[] = []
      for (const volume of pod.spec.volumes ?? []) {
        const hostPath = place(volume, pod)
        mkdirSync(hostPath, { recursive: true })
        try {
          const files = await collect(pod, volume)
          if (files) project(hostPath, files)
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          throw new ConfigError(`MountVolume.SetUp failed for volume "${volume.name}" : ${reason}`)
        }
        volumes.push({ name: volume.name, hostPath })
      }
      return volumes
    },
    refresh,
  }

  function place(volume: Source & { name: string }, pod: KubeObject): string {
    const claim = volume.persistentVolumeClaim
    if (claim) return join(context.claimsDir, pod.metadata.namespace ?? '', String(claim.claimName))
    if (volume.hostPath) return String(volume.hostPath.path)
    const known = ['emptyDir', 'configMap', 'secret', 'downwardAPI', 'projected']
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir'
    if (!known.includes(kind))
      throw new ConfigError(
        `MountVolume.SetUp failed for volume "${volume.name}" : no driver for ${kind}`,
      )
    return join(directory, volume.name)
  }
}

type KeyedRef = { name: string; optional?: boolean; items?: Item[] }
type DownwardItem = {
  path: string
  mode?: number
  fieldRef?: { fieldPath: string }
  resourceFieldRef?: { resource: string; containerName?: string; divisor?: string }
}

// The objects were validated by the API server; these name the part that is read.
const keyedRef = (source: Record<string, unknown>) => source as KeyedRef
const downwardItems = (source: Record<string, unknown>) => (source.items ?? []) as DownwardItem[]

/** Brings a directory to exactly these files; each is replaced whole. */
function project(directory: string, files: Files) {
  mkdirSync(directory, { recursive: true })
  for (const [path, { content, mode }] of files) {
    const target = join(directory, path)
    if (sameFile(target, content)) continue
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(`${target}.next`, content, { mode })
    renameSync(`${target}.next`, target)
  }
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const path = relative(directory, join(entry.parentPath, entry.name))
    if (entry.isFile() && !files.has(path)) rmSync(join(directory, path))
  }
}

function sameFile(path: string, content: Buffer): boolean {
  try {
    return readFileSync(path).equals(content)
  } catch {
    return false
  }
}
