import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type ContainerStatus,
  containerStatuses,
  reportSidecars,
  reportSteps,
} from './pod/step-states.ts'
import { internalEntry, parseTerminationMessage } from './pod/termination-message.ts'
import { invalidRun, type TaskRunFailure } from './task-run-failure.ts'
import type { Condition, ResultValue, TaskRunStatus, TaskSpec } from './task-types.ts'
import { goMapOfLists, goQuote } from './validate/go-text.ts'

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>
type PodCondition = { type: string; status: string; reason?: string; message?: string }

const imageErrors = new Set([
  'ImagePullBackOff',
  'ImageInspectError',
  'ErrImagePull',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'InvalidImageName',
])

/** RFC 3339 with seconds, as in metadata. */
export function timestamp(ms = Date.now()): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** The status with another Succeeded condition; its transition time moves with its content, as Tekton's does. */
export function withCondition(status: TaskRunStatus, verdict: Verdict): TaskRunStatus {
  const before = conditionOf(status)
  const same =
    before?.status === verdict.status &&
    before.reason === verdict.reason &&
    before.message === verdict.message
  if (same) return status
  const condition: Condition = { type: 'Succeeded', ...verdict, lastTransitionTime: timestamp() }
  return { ...status, conditions: [condition] }
}

export function conditionOf(status: TaskRunStatus | undefined): Condition | undefined {
  return status?.conditions?.find((one) => one.type === 'Succeeded')
}

export function isDone(status: TaskRunStatus | undefined): boolean {
  const state = conditionOf(status)?.status
  return state === 'True' || state === 'False'
}

/** What a TaskRun's status becomes with its pod as it is; a failure where its results are not what it declared. */
export function statusFromPod(
  status: TaskRunStatus,
  pod: KubeObject,
  task: TaskSpec,
): { status: TaskRunStatus; failure?: TaskRunFailure } {
  const statuses = containerStatuses(pod)
  const phase: string = pod.status?.phase ?? 'Pending'
  const steps = statuses.filter((one) => one.name.startsWith('step-'))
  const ended = steps.length > 0 && steps.every((one) => one.state.terminated)
  const done = phase === 'Succeeded' || phase === 'Failed' || (phase === 'Running' && ended)
  const verdict = done ? verdictOfEnded(pod, statuses) : verdictOfWorking(pod, statuses, phase)
  const finished = verdict.status !== 'Unknown'
  const report = reportSteps(pod, task, done)
  const failure = done ? checkResults(report.results, task) : undefined
  const { results: _, sidecars: __, ...rest } = status
  const results = failure ? matching(report.results, task) : report.results
  const sidecars = reportSidecars(pod)
  const next: TaskRunStatus = {
    ...rest,
    podName: pod.metadata.name,
    ...(report.steps.length > 0 ? { steps: report.steps } : {}),
    ...(sidecars.length > 0 ? { sidecars } : {}),
    ...(results.length > 0 ? { results } : {}),
    ...(done ? { artifacts: {} } : {}),
    ...(finished ? { completionTime: timestamp() } : {}),
  }
  return { status: withCondition(next, verdict), ...(failure ? { failure } : {}) }
}

function verdictOfWorking(pod: KubeObject, statuses: ContainerStatus[], phase: string): Verdict {
  if (phase === 'Running')
    return unknown('Running', 'Not all Steps in the Task have finished executing')
  const conditions: PodCondition[] = pod.status?.conditions ?? []
  const waiting = statuses.map((one) => one.state.waiting?.reason ?? '')
  if (
    conditions.some(
      (one) => one.reason === 'Unschedulable' && one.message?.includes('Insufficient'),
    )
  )
    return unknown('ExceededNodeResources', 'TaskRun Pod exceeded available resources')
  if (waiting.includes('CreateContainerConfigError'))
    return failed('CreateContainerConfigError', 'Failed to create pod due to config error')
  const reason = waiting.some((one) => imageErrors.has(one)) ? 'PullImageFailed' : 'Pending'
  return unknown(reason, waitingMessage(pod, statuses, conditions))
}

function waitingMessage(
  pod: KubeObject,
  statuses: ContainerStatus[],
  conditions: PodCondition[],
): string {
  for (const { name, state } of statuses)
    if (state.waiting?.message)
      return `build step ${goQuote(name)} is pending with reason ${goQuote(state.waiting.message)}`
  const unmet = conditions.find((one) => one.status !== 'True')
  if (unmet)
    return `pod status ${goQuote(unmet.type)}:${goQuote(unmet.status)}; message: ${goQuote(unmet.message ?? '')}`
  return pod.status?.message || 'Pending'
}

function verdictOfEnded(pod: KubeObject, statuses: ContainerStatus[]): Verdict {
  const steps = statuses.filter((one) => one.name.startsWith('step-'))
  const failedStep = steps.some(
    (one) => one.state.terminated?.exitCode !== 0 && one.state.terminated,
  )
  if (pod.status?.phase !== 'Failed' && !failedStep)
    return { status: 'True', reason: 'Succeeded', message: 'All Steps have completed executing' }
  if (pod.status?.reason === 'Evicted') return failed('PodEvicted', pod.status.message ?? '')
  const init: ContainerStatus[] = pod.status?.initContainerStatuses ?? []
  for (const one of init) {
    const why = exitMessage(one)
    if (why) return failed('InitContainerFailed', `init container failed, ${why}`)
  }
  for (const one of statuses) {
    const why = exitMessage(one)
    if (!why) continue
    if (one.state.terminated?.reason === 'OOMKilled') return failed('StepOOM', why)
    return failed(one.name.startsWith('step-') ? 'StepFailed' : 'SidecarFailed', why)
  }
  return failed('Failed', pod.status?.message || 'build failed for unspecified reasons.')
}

function exitMessage({ name, state }: ContainerStatus): string | undefined {
  const { terminated } = state
  if (!terminated) return undefined
  const reason = internalEntry(parseTerminationMessage(terminated.message), 'Reason')
  if (reason === 'TimeoutExceeded')
    return `${goQuote(name)} exited because the step exceeded the specified timeout limit`
  if (terminated.exitCode === 0) return undefined
  if (terminated.reason === 'OOMKilled') return `${goQuote(name)} exited because of OOMKilled`
  return `${goQuote(name)} exited with code ${terminated.exitCode}: ${terminated.reason}`
}

function checkResults(results: ResultValue[], task: TaskSpec): TaskRunFailure | undefined {
  const wrong = results
    .filter((result) => typeMismatch(result, task))
    .map(({ name, type }) => {
      const wanted = task.results?.find((one) => one.name === name)?.type ?? ''
      return ` "${name}": task result is expected to be "${wanted}" type but was initialized to a different type "${type}"`
    })
  if (wrong.length > 0)
    return invalidRun(
      `Provided results don't match declared results; may be invalid JSON or missing result declaration: ${wrong.sort().join(',')}`,
    )
  const missing: Record<string, string[]> = {}
  for (const { name, value } of results) {
    const properties = task.results?.find((one) => one.name === name)?.properties ?? {}
    const absent = Object.keys(properties).filter((key) => !Object.hasOwn(Object(value), key))
    if (absent.length > 0) missing[name] = absent
  }
  if (Object.keys(missing).length === 0) return undefined
  return invalidRun(
    `missing keys for these results which are required in TaskResult's properties ${goMapOfLists(missing)}`,
  )
}

function matching(results: ResultValue[], task: TaskSpec): ResultValue[] {
  return results.filter((result) => !typeMismatch(result, task))
}

function typeMismatch({ name, type }: ResultValue, task: TaskSpec): boolean {
  const declared = task.results?.find((one) => one.name === name)
  return declared !== undefined && declared.type !== type
}

function unknown(reason: string, message: string): Verdict {
  return { status: 'Unknown', reason, message }
}

function failed(reason: string, message: string): Verdict {
  return { status: 'False', reason, message }
}
