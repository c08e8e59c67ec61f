import type { Column, Resource } from '#server/devcluster/api/resource.ts'
import type { KubeObject } from '#server/devcluster/client.ts'
import {
  taskFromV1beta1,
  taskRunFromV1beta1,
  taskRunToV1beta1,
  taskToV1beta1,
} from './convert-v1beta1.ts'
import type { Condition } from './task-types.ts'
import { admitTask, admitTaskRun, denied, mutateTask, mutateTaskRun } from './webhook.ts'

const shared = {
  group: 'tekton.dev',
  namespaced: true,
  custom: true,
  generations: true,
  subresources: { status: true },
  categories: ['tekton', 'tekton-pipelines'],
} satisfies Partial<Resource>

const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  cell: (object) => object.metadata.name,
}
const definitionColumns = [
  nameColumn,
  dateColumn('Age', (object) => object.metadata.creationTimestamp),
]
const runColumns: Column[] = [
  nameColumn,
  { name: 'Succeeded', type: 'string', cell: (object) => succeeded(object)?.status ?? null },
  { name: 'Reason', type: 'string', cell: (object) => succeeded(object)?.reason ?? null },
  dateColumn('StartTime', (object) => object.status?.startTime),
  dateColumn('CompletionTime', (object) => object.status?.completionTime),
]

/**
 * Tekton's kinds, in the order of discovery. Tasks and TaskRuns are real; Pipelines are only kept, and a PipelineRun
 * is refused, because nothing here would run it.
 */
export const tektonResources: Resource[] = [
  {
    ...shared,
    version: 'v1',
    plural: 'tasks',
    singular: 'task',
    kind: 'Task',
    columns: definitionColumns,
    otherVersions: [{ version: 'v1beta1', toStored: taskFromV1beta1, fromStored: taskToV1beta1 }],
    defaults: (task, context) => {
      if (context.subresource === undefined) mutateTask(task)
    },
    admit: (task, _, context) => {
      if (context.subresource === undefined) admitTask(task)
    },
  },
  {
    ...shared,
    version: 'v1',
    plural: 'pipelineruns',
    singular: 'pipelinerun',
    kind: 'PipelineRun',
    shortNames: ['pr', 'prs'],
    columns: runColumns,
    otherVersions: [{ version: 'v1beta1' }],
    admit: (_, old) => {
      if (!old) throw denied('the embedded cluster runs TaskRuns only, it has no Pipelines: kind')
    },
  },
  {
    ...shared,
    version: 'v1',
    plural: 'pipelines',
    singular: 'pipeline',
    kind: 'Pipeline',
    columns: definitionColumns,
    otherVersions: [{ version: 'v1beta1' }],
  },
  {
    ...shared,
    version: 'v1',
    plural: 'taskruns',
    singular: 'taskrun',
    kind: 'TaskRun',
    shortNames: ['tr', 'trs'],
    columns: runColumns,
    otherVersions: [
      { version: 'v1beta1', toStored: taskRunFromV1beta1, fromStored: taskRunToV1beta1 },
    ],
    defaults: (run, context) => {
      if (context.subresource === undefined) mutateTaskRun(run)
    },
    admit: (run, old, context) => {
      if (context.subresource === undefined) admitTaskRun(run, old)
    },
  },
  {
    ...shared,
    version: 'v1alpha1',
    plural: 'verificationpolicies',
    singular: 'verificationpolicy',
    kind: 'VerificationPolicy',
    subresources: {},
    columns: definitionColumns,
  },
]

function succeeded(object: KubeObject): Condition | undefined {
  const conditions: Condition[] = object.status?.conditions ?? []
  return conditions.find((one) => one.type === 'Succeeded')
}

function dateColumn(name: string, timeOf: (object: KubeObject) => string | undefined): Column {
  return { name, type: 'date', cell: (object) => timeOf(object) ?? null }
}
