import type { Column, Resource } from '#server/lab/cluster/api/resource.ts'
import type { PrinterColumn } from '#server/lab/cluster/crd/crd.ts'
import { printerColumns } from '#server/lab/cluster/crd/printer-columns.ts'
import {
  taskFromV1beta1,
  taskRunFromV1beta1,
  taskRunToV1beta1,
  taskToV1beta1,
} from './validate/convert-v1beta1.ts'
import { admitTask, admitTaskRun, denied, mutateTask, mutateTaskRun } from './validate/webhook.ts'

const shared = {
  group: 'tekton.dev',
  namespaced: true,
  custom: true,
  generations: true,
  subresources: { status: true },
  categories: ['tekton', 'tekton-pipelines'],
  prepareForCreate: (object) => {
    delete object.status
  },
  prepareForUpdate: (object, old, { subresource }) => {
    if (subresource !== undefined) return
    if (old.status === undefined) delete object.status
    else object.status = old.status
  },
} satisfies Partial<Resource>

const definitionColumns = columnsOf([])
const runColumns = columnsOf([
  column('Succeeded', 'string', '.status.conditions[?(@.type=="Succeeded")].status'),
  column('Reason', 'string', '.status.conditions[?(@.type=="Succeeded")].reason'),
  column('StartTime', 'date', '.status.startTime'),
  column('CompletionTime', 'date', '.status.completionTime'),
])

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

function columnsOf(additionalPrinterColumns: PrinterColumn[]): Column[] {
  return printerColumns({ name: 'v1', served: true, storage: true, additionalPrinterColumns })
}

function column(name: string, type: PrinterColumn['type'], jsonPath: string): PrinterColumn {
  return { name, type, jsonPath }
}
