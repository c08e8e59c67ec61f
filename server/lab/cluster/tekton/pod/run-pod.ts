import { StatusError } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { TaskRunFailure } from '#server/lab/cluster/tekton/task-run-failure.ts'
import type {
  StepState,
  TaskRunStatus,
  TaskSpec,
  Volume,
  WorkspaceBinding,
} from '#server/lab/cluster/tekton/task-types.ts'
import { nopImage, readyAnnotation } from '#server/lab/cluster/tekton/tekton-settings.ts'
import {
  type FieldError,
  formatFieldErrors,
} from '#server/lab/cluster/tekton/validate/field-error.ts'
import { goQuote } from '#server/lab/cluster/tekton/validate/go-text.ts'
import { validateParamUse } from '#server/lab/cluster/tekton/validate/validate-params.ts'
import { validateTaskSpec } from '#server/lab/cluster/tekton/validate/validate-task.ts'
import { buildPod } from './build-pod.ts'
import { securePod, setsSecurityContext } from './secure-pod.ts'
import { type ContainerStatus, containerStatuses } from './step-states.ts'
import { mountWorkspaces } from './workspace-volumes.ts'

/** The pod of the run's present attempt, if it is there. */
export function findRunPod(
  client: ClusterClient,
  run: KubeObject,
  status: TaskRunStatus,
): KubeObject | undefined {
  const namespace = run.metadata.namespace ?? ''
  if (status.podName) return client.find('pods', namespace, status.podName)
  const archived = new Set((status.retriesStatus ?? []).map((attempt) => attempt.podName))
  return client
    .list('pods', { namespace, labels: { 'tekton.dev/taskRun': run.metadata.name } })
    .find(
      (pod) =>
        !archived.has(pod.metadata.name) &&
        pod.status?.phase !== 'Failed' &&
        pod.metadata.ownerReferences?.some((owner) => owner.uid === run.metadata.uid),
    )
}

/** Creates the pod; throws a TaskRunFailure that says why there can be none. */
export function createRunPod(
  client: ClusterClient,
  images: ImageTable,
  run: KubeObject,
  task: TaskSpec,
  bindings: WorkspaceBinding[],
  volumes: Map<string, Volume>,
): KubeObject {
  const namespace = run.metadata.namespace ?? ''
  const errors: FieldError[] = [
    ...validateParamUse(task.steps, task.params ?? []),
    ...validateTaskSpec(task),
  ]
  if (errors.length > 0) throw podFailure(run, formatFieldErrors(errors))
  const account: string = run.spec.serviceAccountName
  if (!client.find('serviceaccounts', namespace, account))
    throw podFailure(
      run,
      `translating TaskSpec to Pod: serviceaccounts ${goQuote(account)} not found`,
    )
  const built = buildPod(run, mountWorkspaces(task, bindings, volumes), images)
  const pod = setsSecurityContext(client) ? securePod(built) : built
  try {
    return client.create('pods', pod)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const known = client.find('pods', namespace, pod.metadata.name ?? '')
    if (error.reason === 'AlreadyExists' && known) return known
    throw podFailure(run, error.message)
  }
}

/** Tells the first step to begin once every sidecar is ready. */
export function releaseFirstStep(client: ClusterClient, pod: KubeObject): void {
  if (pod.metadata.annotations?.[readyAnnotation] || pod.metadata.deletionTimestamp) return
  if (pod.status?.phase !== 'Running') return
  const others = containerStatuses(pod).filter((one) => !one.name.startsWith('step-'))
  if (!others.every((one) => one.state.terminated || (one.state.running && one.ready))) return
  client.patch('pods', pod.metadata.namespace, pod.metadata.name, {
    metadata: { annotations: { [readyAnnotation]: 'READY' } },
  })
}

/** Ends the sidecars of a pod whose steps are done: their image becomes one that exits at once. */
export function stopSidecars(client: ClusterClient, pod: KubeObject): void {
  if (pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp) return
  const running = containerStatuses(pod)
    .filter((one) => !one.name.startsWith('step-') && one.state.running)
    .map((one) => one.name)
  const containers: { name: string; image: string }[] = pod.spec.containers
  const toStop = containers.filter((one) => running.includes(one.name) && one.image !== nopImage)
  if (toStop.length === 0) return
  client.replace('pods', {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map((one) =>
        toStop.includes(one) ? { ...one, image: nopImage } : one,
      ),
    },
  })
}

/** How sidecars ended, for a run that is done: their own end stands in the state before the last. */
export function stoppedSidecars(pod: KubeObject): StepState[] {
  return containerStatuses(pod)
    .filter((one) => one.name.startsWith('sidecar-'))
    .map((one) => ({
      ...stoppedState(one),
      name: one.name.slice('sidecar-'.length),
      container: one.name,
      imageID: one.imageID,
    }))
}

function stoppedState({ state, lastState }: ContainerStatus) {
  const { terminated } = lastState ?? {}
  if (!terminated) return state
  return {
    terminated: {
      ...terminated,
      reason: 'Completed',
      message: 'Sidecar container successfully stopped by nop image',
    },
  }
}

function podFailure(run: KubeObject, why: string): TaskRunFailure {
  const { taskRef } = run.spec
  const perhaps = taskRef
    ? `missing or invalid Task ${run.metadata.namespace}/${taskRef.name}`
    : 'invalid TaskSpec'
  const message = `failed to create task run pod ${goQuote(run.metadata.name)}: ${why}. Maybe ${perhaps}`
  return new TaskRunFailure('PodCreationFailed', message, false)
}
