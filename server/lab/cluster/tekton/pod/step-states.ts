import type { KubeObject } from '#server/lab/cluster/client.ts'
import type {
  ContainerState,
  ResultSpec,
  ResultValue,
  StepState,
  TaskSpec,
} from '#server/lab/cluster/tekton/task-types.ts'
import { typeOfValue, type Value } from '#server/lab/cluster/tekton/task-types.ts'
import { decodeValue } from '#server/lab/cluster/tekton/validate/decode-fields.ts'
import {
  internalEntry,
  parseTerminationMessage,
  resultKind,
  type TerminationEntry,
} from './termination-message.ts'

export type ContainerStatus = {
  name: string
  image: string
  imageID: string
  ready: boolean
  state: ContainerState
  lastState?: ContainerState
}

export type StepReport = { steps: StepState[]; results: ResultValue[] }

/** Statuses of the pod's containers in the order of its spec; those that have none yet are left out. */
export function containerStatuses(pod: KubeObject): ContainerStatus[] {
  const statuses: ContainerStatus[] = pod.status?.containerStatuses ?? []
  const names: string[] = pod.spec.containers.map((container: { name: string }) => container.name)
  return names.flatMap((name) => statuses.find((status) => status.name === name) ?? [])
}

/** What the steps' containers say; results are read only once the run is done. */
export function reportSteps(pod: KubeObject, task: TaskSpec, done: boolean): StepReport {
  const results: ResultValue[] = []
  const steps = containerStatuses(pod)
    .filter((status) => status.name.startsWith('step-'))
    .map((status) => {
      const entries = parseTerminationMessage(status.state.terminated?.message)
      const step = task.steps.find((one) => `step-${one.name}` === status.name)
      const stepResults = done
        ? readResults(entries, resultKind.stepResult, step?.results ?? [])
        : []
      if (done) {
        results.push(...readResults(entries, resultKind.taskResult, task.results ?? []))
        results.push(...promoted(stepResults, step?.name ?? '', task.results ?? []))
      }
      return stepState(status, entries, stepResults)
    })
  // The last step that wrote a result decides; its place is that of the first.
  const latest = new Map(results.map((result) => [result.name, result]))
  return { steps, results: [...latest.values()] }
}

/** Sidecars as they stand in a TaskRun's status. */
export function reportSidecars(pod: KubeObject): StepState[] {
  return containerStatuses(pod)
    .filter((status) => status.name.startsWith('sidecar-'))
    .map((status) => ({
      ...stateOf(status.state),
      name: status.name.slice('sidecar-'.length),
      container: status.name,
      ...(status.imageID ? { imageID: status.imageID } : {}),
    }))
}

function stepState(
  status: ContainerStatus,
  entries: TerminationEntry[],
  results: ResultValue[],
): StepState {
  const { terminated } = status.state
  const state: StepState = {
    ...stateOf(status.state),
    name: status.name.slice('step-'.length),
    container: status.name,
    provenance: {},
    ...(status.imageID ? { imageID: status.imageID } : {}),
    ...(results.length > 0 ? { results } : {}),
  }
  if (!terminated || entries.length === 0) return state
  const exitCode = internalEntry(entries, 'ExitCode')
  const startedAt = internalEntry(entries, 'StartedAt')
  const visible = entries.filter((entry) => entry.type !== resultKind.internal)
  const { message: _, ...rest } = terminated
  state.terminated = {
    ...rest,
    ...(visible.length > 0 ? { message: JSON.stringify(visible) } : {}),
    ...(startedAt ? { startedAt: `${startedAt.slice(0, 19)}Z` } : {}),
    ...(exitCode ? { exitCode: Number(exitCode) } : {}),
  }
  state.terminationReason =
    internalEntry(entries, 'Reason') ?? (exitCode ? 'Continued' : terminated.reason)
  return state
}

function stateOf({ waiting, running, terminated }: ContainerState): ContainerState {
  if (terminated) return { terminated }
  return running ? { running } : { waiting: waiting ?? {} }
}

function readResults(
  entries: TerminationEntry[],
  kind: number,
  declared: ResultSpec[],
): ResultValue[] {
  return entries
    .filter((entry) => entry.type === kind)
    .map(({ key, value }) => {
      const isText = declared.find((one) => one.name === key)?.type === 'string'
      const read = isText ? value : parseValue(value)
      return { name: key, type: typeOfValue(read), value: read }
    })
}

/** Step results that the Task declares as its own: `value: $(steps.build.results.digest)`. */
function promoted(results: ResultValue[], step: string, declared: ResultSpec[]): ResultValue[] {
  return declared.flatMap(({ name, value }) => {
    const match =
      typeof value === 'string'
        ? /^\$\(steps\.([^.]+)\.results\.([^)]+?)(?:\[\*\])?\)$/.exec(value)
        : null
    const found = match?.[1] === step && results.find((one) => one.name === match[2])
    return found ? [{ ...found, name }] : []
  })
}

function parseValue(text: string): Value {
  try {
    return decodeValue(JSON.parse(text))
  } catch {
    return text
  }
}
