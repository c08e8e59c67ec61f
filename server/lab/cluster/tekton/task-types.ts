/** A parameter's or result's value. */
export type Value = string | string[] | Record<string, string>
export type ValueType = 'string' | 'array' | 'object'

export type ParamSpec = {
  name: string
  type?: ValueType
  description?: string
  properties?: Record<string, { type?: string }>
  default?: Value
  enum?: string[]
}
export type Param = { name: string; value: Value }

export type EnvVar = { name: string; value?: string; valueFrom?: Record<string, unknown> }
export type VolumeMount = {
  name: string
  mountPath: string
  subPath?: string
  readOnly?: boolean
}
export type Volume = { name: string } & Record<string, unknown>
export type Resources = { limits?: Record<string, string>; requests?: Record<string, string> }
export type WhenExpression = { input?: string; operator?: string; values?: string[]; cel?: string }
export type ResultSpec = {
  name: string
  type?: ValueType
  description?: string
  properties?: Record<string, { type?: string }>
  value?: Value
}

/** The fields of a container that Tekton looks into; the others travel along. */
export type ContainerFields = {
  image?: string
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvVar[]
  envFrom?: Record<string, unknown>[]
  volumeMounts?: VolumeMount[]
  computeResources?: Resources
  imagePullPolicy?: string
  securityContext?: Record<string, unknown>
}
export type Step = ContainerFields & {
  name: string
  script?: string
  timeout?: string
  onError?: string
  workspaces?: { name: string; mountPath: string }[]
  ref?: { name?: string; resolver?: string }
  params?: Param[]
  results?: ResultSpec[]
  when?: WhenExpression[]
  stdoutConfig?: { path?: string }
  stderrConfig?: { path?: string }
  displayName?: string
}
export type Sidecar = ContainerFields & {
  name: string
  script?: string
  workspaces?: { name: string; mountPath: string }[]
}
export type WorkspaceDeclaration = {
  name: string
  description?: string
  mountPath?: string
  readOnly?: boolean
  optional?: boolean
}
export type TaskSpec = {
  displayName?: string
  description?: string
  params?: ParamSpec[]
  steps: Step[]
  stepTemplate?: ContainerFields
  sidecars?: Sidecar[]
  volumes?: Volume[]
  workspaces?: WorkspaceDeclaration[]
  results?: ResultSpec[]
}

export type WorkspaceBinding = {
  name: string
  subPath?: string
  volumeClaimTemplate?: { metadata?: Record<string, unknown>; spec?: Record<string, unknown> }
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean }
  emptyDir?: Record<string, unknown>
  configMap?: { name?: string } & Record<string, unknown>
  secret?: { secretName?: string } & Record<string, unknown>
  projected?: { sources?: Record<string, unknown>[] }
  csi?: { driver?: string } & Record<string, unknown>
}
export type PodTemplate = {
  env?: EnvVar[]
  volumes?: Volume[]
} & Record<string, unknown>
export type TaskRunSpec = {
  params?: Param[]
  serviceAccountName: string
  taskRef?: {
    name?: string
    kind?: string
    apiVersion?: string
    resolver?: string
    params?: Param[]
  }
  taskSpec?: TaskSpec
  status?: string
  statusMessage?: string
  retries?: number
  timeout?: string
  podTemplate?: PodTemplate
  workspaces?: WorkspaceBinding[]
  stepSpecs?: { name: string; computeResources?: Resources }[]
  sidecarSpecs?: { name: string; computeResources?: Resources }[]
  computeResources?: Resources
  debug?: { breakpoints?: { onFailure?: string; beforeSteps?: string[] } }
  managedBy?: string
}

export type Condition = {
  type: 'Succeeded'
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastTransitionTime: string
}
export type Terminated = {
  exitCode: number
  reason: string
  message?: string
  startedAt?: string
  finishedAt?: string
  containerID?: string
}
export type ContainerState = {
  waiting?: { reason?: string; message?: string }
  running?: { startedAt: string }
  terminated?: Terminated
}
export type ResultValue = { name: string; type: string; value: Value }
export type StepState = ContainerState & {
  name: string
  container?: string
  imageID?: string
  provenance?: Record<string, never>
  results?: ResultValue[]
  terminationReason?: string
}
export type TaskRunStatus = {
  conditions?: Condition[]
  podName: string
  startTime?: string
  completionTime?: string
  steps?: StepState[]
  sidecars?: StepState[]
  results?: ResultValue[]
  retriesStatus?: TaskRunStatus[]
  taskSpec?: TaskSpec
  provenance?: Record<string, unknown>
  artifacts?: Record<string, never>
}

/** The type that a value has by its form. */
export function typeOfValue(value: Value): ValueType {
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? 'array' : 'object'
}
