import { randomBytes } from 'node:crypto'
import { annotations, labels, managedByBindery } from '#server/platform/model/names.ts'
import { runRequestNote } from '#server/platform/model/request-trace.ts'
import type { WorkspaceChoice } from '#server/runs/model/start-run-schema.ts'
import type { Param, Task, TaskRun } from '#server/runs/model/task-run.ts'

/** A run that a person starts by hand: who and why stay with it. */
export function runOfTask(
  task: Task,
  input: {
    params: Param[]
    workspaces?: Record<string, WorkspaceChoice>
    startedBy: string
    why: string
    requestId?: string
  },
): TaskRun {
  const { name, namespace, annotations: said = {} } = task.metadata
  const retries = Number(said[annotations.retries])
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: freshName(name),
      namespace,
      labels: { [labels.managedBy]: managedByBindery },
      annotations: {
        [annotations.startedBy]: input.startedBy,
        [annotations.reason]: input.why,
        ...runRequestNote(input.requestId),
      },
    },
    spec: {
      taskRef: { name, kind: 'Task' },
      params: input.params,
      workspaces: (task.spec.workspaces ?? []).flatMap(({ name, optional }) => {
        const choice = input.workspaces?.[name]
        return choice || !optional ? [{ name, ...sourceOf(choice) }] : []
      }),
      serviceAccountName: said[annotations.serviceAccount],
      ...podTemplateOf(task, input.workspaces),
      ...(retries > 0 ? { retries } : {}),
      ...(said[annotations.timeout] ? { timeout: said[annotations.timeout] } : {}),
    },
  }
}

/** A fresh volume belongs to root: as a member of its group, the steps may write to it, whatever their number is. */
function podTemplateOf(
  { spec }: Task,
  workspaces: Record<string, WorkspaceChoice> = {},
): Pick<TaskRun['spec'], 'podTemplate'> {
  const fsGroup = spec.stepTemplate?.securityContext?.runAsGroup
  const claims = Object.values(workspaces).some(({ kind }) => kind === 'persistentVolumeClaim')
  if (!claims || fsGroup === undefined) return {}
  return { podTemplate: { securityContext: { fsGroup, fsGroupChangePolicy: 'OnRootMismatch' } } }
}

/** Nothing chosen is a directory of the run's own, gone with it. */
function sourceOf(choice: WorkspaceChoice = { kind: 'emptyDir' }): Record<string, unknown> {
  switch (choice.kind) {
    case 'emptyDir':
      return { emptyDir: {} }
    case 'persistentVolumeClaim':
      return { persistentVolumeClaim: { claimName: choice.name } }
    case 'configMap':
      return { configMap: { name: choice.name } }
    case 'secret':
      return { secret: { secretName: choice.name } }
  }
}

/** The pod is named after its run, and takes at most 63 characters of it. */
export function freshName(base: string): string {
  return `${base.slice(0, 48)}-${randomBytes(4).toString('hex')}`
}
