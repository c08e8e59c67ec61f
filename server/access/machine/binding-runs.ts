import { requestIdOf } from '#server/access/model/binding-request-id.ts'
import { controllerActor, endMessage } from '#server/access/model/end-message.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import {
  annotations,
  binderServiceAccount,
  labels,
  taskNames,
} from '#server/platform/model/names.ts'
import { runRequestNote } from '#server/platform/model/request-trace.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { BindingStep } from './binding-step.ts'

type BindStep = Extract<BindingStep, { step: 'create-bind-run' }>
type UnbindStep = Extract<BindingStep, { step: 'create-unbind-run' }>

/** Pending, it is the seal: Tekton starts nothing and lets nothing of it be changed until it is released. */
export function bindRun(namespace: string, binding: ModelBinding, step: BindStep): TaskRun {
  const generation = String(step.generation)
  const { retry: asked } = binding.status ?? {}
  const retry = asked?.run === step.name ? asked : undefined
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      namespace,
      name: step.name,
      labels: { ...ownLabels(binding), [labels.intent]: 'bind' },
      annotations: {
        ...startedBy(retry?.by ?? binding.metadata.annotations?.[annotations.requestedBy]),
        ...runRequestNote(requestIdOf(binding)),
        [annotations.reason]: binding.spec.justification,
        [annotations.planDigest]: step.plan.digest,
        [annotations.generation]: generation,
      },
    },
    spec: {
      taskRef: { name: taskNames.bind, kind: 'Task' },
      serviceAccountName: binderServiceAccount,
      timeout: '5m0s',
      params: [
        { name: 'plan', value: step.plan.text },
        { name: 'digest', value: step.plan.digest },
        { name: 'binding', value: `${binding.metadata.namespace}/${binding.metadata.name}` },
        { name: 'generation', value: generation },
      ],
      ...(step.pending ? { status: 'TaskRunPending' as const } : {}),
    },
  }
}

/** Puts back by force what was approved and somebody changed; from the same plan, so nothing is decided anew. */
export function repairRun(
  namespace: string,
  binding: ModelBinding,
  step: Omit<BindStep, 'step' | 'pending'>,
): TaskRun {
  const run = bindRun(namespace, binding, { ...step, step: 'create-bind-run', pending: false })
  const { metadata, spec } = run
  const { [annotations.startedBy]: _asker, ...said } = metadata.annotations ?? {}
  const why = conditionOf(binding.status?.conditions, 'Drifted')?.message ?? ''
  return {
    ...run,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [labels.intent]: 'repair' },
      annotations: {
        ...said,
        [annotations.startedBy]: controllerActor,
        [annotations.reason]: why.slice(0, 2000),
      },
    },
    spec: { ...spec, params: [...(spec.params ?? []), { name: 'repair', value: 'true' }] },
  }
}

export function unbindRun(namespace: string, binding: ModelBinding, step: UnbindStep): TaskRun {
  const { end, retry } = binding.status ?? {}
  const by = retry?.run === step.name ? retry.by : end?.by
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      namespace,
      name: step.name,
      labels: { ...ownLabels(binding), [labels.intent]: 'unbind' },
      annotations: {
        ...startedBy(by),
        ...runRequestNote(requestIdOf(binding)),
        [annotations.reason]: end ? endMessage(end) : step.reason,
        [annotations.planDigest]: step.plan.digest,
      },
    },
    spec: {
      taskRef: { name: taskNames.unbind, kind: 'Task' },
      serviceAccountName: binderServiceAccount,
      timeout: '5m0s',
      params: [
        { name: 'plan', value: step.plan.text },
        { name: 'digest', value: step.plan.digest },
        { name: 'binding', value: `${binding.metadata.namespace}/${binding.metadata.name}` },
        { name: 'reason', value: step.reason },
      ],
    },
  }
}

function startedBy(user: string | undefined): Record<string, string> {
  return user ? { [annotations.startedBy]: user } : {}
}
