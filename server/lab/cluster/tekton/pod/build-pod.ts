import { createHash } from 'node:crypto'
import { isAbsolute, join, normalize } from 'node:path/posix'
import type { Draft, KubeObject, OwnerReference } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { replaceInTask, stepContainerName } from '#server/lab/cluster/tekton/substitute-task.ts'
import { textReplacements } from '#server/lab/cluster/tekton/substitution.ts'
import type {
  Resources,
  Sidecar,
  Step,
  TaskRunSpec,
  TaskSpec,
  Volume,
} from '#server/lab/cluster/tekton/task-types.ts'
import {
  entrypointImage,
  lastAppliedAnnotation,
  releaseAnnotation,
  tektonRelease,
  workingDirImage,
} from '#server/lab/cluster/tekton/tekton-settings.ts'
import { parseGoDuration } from '#server/lab/cluster/tekton/validate/go-text.ts'
import { placeScripts, placeScriptsContainer, scriptsVolume } from './place-scripts.ts'
import { stepContainer } from './step-container.ts'
import { mergeStepTemplate } from './step-template.ts'

const deadlineFactor = 1.5
const deadlineSecondsMax = 2 ** 31 - 1
const nameLengthMax = 63

/** The pod of a TaskRun, shaped as Tekton's; `task` is substituted, its workspaces are mounted. */
export function buildPod(run: KubeObject, task: TaskSpec, images: ImageTable): Draft {
  // A stored TaskRun has passed the webhook.
  const spec = run.spec as TaskRunSpec
  const ready = replaceInTask(task, textReplacements({ 'credentials.path': '/tekton/creds' }))
  const merged = withResources(mergeStepTemplate(ready.stepTemplate, ready.steps), spec)
  const steps = placeScripts(merged, 'script')
  const sidecars = placeScripts(ready.sidecars ?? [], 'sidecar-script')
  const shell = steps.shell + sidecars.shell
  const { env: extraEnv = [], volumes: extraVolumes = [], ...podFields } = spec.podTemplate ?? {}
  const attempt = (run.status?.retriesStatus ?? []).length
  const directories = workingDirs(steps.containers)
  const { [lastAppliedAnnotation]: _, ...annotations } = run.metadata.annotations ?? {}

  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: childName(run.metadata.name, attempt > 0 ? `-pod-retry${attempt}` : '-pod'),
      namespace: run.metadata.namespace,
      labels: {
        ...run.metadata.labels,
        'tekton.dev/taskRun': run.metadata.name,
        'tekton.dev/taskRunUID': run.metadata.uid,
      },
      annotations: { ...annotations, [releaseAnnotation]: tektonRelease },
      ownerReferences: [ownedBy(run)],
    },
    spec: {
      ...podFields,
      restartPolicy: 'Never',
      serviceAccountName: spec.serviceAccountName,
      activeDeadlineSeconds: deadlineSeconds(spec),
      initContainers: [
        prepareContainer(steps.containers),
        ...(shell ? [placeScriptsContainer(shell)] : []),
        ...(directories.length > 0 ? [workingDirContainer(directories)] : []),
      ],
      containers: [
        ...steps.containers.map((_step, index) =>
          stepContainer(ready, withAbsoluteDirs(steps.containers), index, extraEnv, images),
        ),
        ...sidecars.containers.map((sidecar) => sidecarContainer(sidecar, spec)),
      ],
      volumes: [
        ...ownVolumes(steps.containers.length, shell !== ''),
        ...(ready.volumes ?? []),
        ...extraVolumes,
      ],
    },
  }
}

/** The owner reference of everything that lives for a run. */
export function ownedBy(run: KubeObject): OwnerReference {
  return {
    apiVersion: run.apiVersion,
    kind: run.kind,
    name: run.metadata.name,
    uid: run.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** knative's kmeta.ChildName: a long name keeps its beginning and gets a hash. */
export function childName(parent: string, suffix: string): string {
  if (parent.length + suffix.length <= nameLengthMax) return parent + suffix
  const hash = createHash('md5').update(parent).digest('hex')
  return `${parent.slice(0, nameLengthMax - hash.length - suffix.length)}${hash}${suffix}`
}

function deadlineSeconds(spec: TaskRunSpec): number {
  const seconds = parseGoDuration(spec.timeout ?? '1h') / 1000
  return seconds === 0 ? deadlineSecondsMax : Math.floor(seconds * deadlineFactor)
}

function prepareContainer(steps: Step[]): Record<string, unknown> {
  const names = steps.map((step, index) => stepContainerName(step.name, index))
  return {
    name: 'prepare',
    image: entrypointImage,
    workingDir: '/',
    command: [
      '/ko-app/entrypoint',
      'init',
      '/ko-app/entrypoint',
      '/tekton/bin/entrypoint',
      ...names,
    ],
    volumeMounts: [
      { name: 'tekton-internal-bin', mountPath: '/tekton/bin' },
      { name: 'tekton-internal-steps', mountPath: '/tekton/steps' },
    ],
  }
}

/** Directories below /workspace that steps start in; relative ones are meant to be there. */
function workingDirs(steps: Step[]): string[] {
  const dirs = steps.flatMap((step) => (step.workingDir ? [absoluteDir(step.workingDir)] : []))
  return [...new Set(dirs.filter((dir) => dir.startsWith('/workspace/')))].sort()
}

function absoluteDir(dir: string): string {
  return isAbsolute(dir) ? normalize(dir) : join('/workspace', dir)
}

function withAbsoluteDirs(steps: Step[]): Step[] {
  return steps.map((step) =>
    step.workingDir ? { ...step, workingDir: absoluteDir(step.workingDir) } : step,
  )
}

function workingDirContainer(directories: string[]): Record<string, unknown> {
  return {
    name: 'working-dir-initializer',
    image: workingDirImage,
    command: ['/ko-app/workingdirinit'],
    args: directories,
    workingDir: '/workspace',
    volumeMounts: [{ name: 'tekton-internal-workspace', mountPath: '/workspace' }],
  }
}

function sidecarContainer(sidecar: Sidecar, run: TaskRunSpec): Record<string, unknown> {
  const { name, script: _, workspaces, computeResources, ...fields } = sidecar
  const override = run.sidecarSpecs?.find((one) => one.name === name)?.computeResources
  return {
    ...fields,
    name: `sidecar-${name}`.slice(0, nameLengthMax),
    resources: override ?? computeResources ?? {},
  }
}

/** Resources of the run: for one step by name, or for all of them together. */
function withResources(steps: Step[], run: TaskRunSpec): Step[] {
  return steps.map((step, index) => {
    const override = run.stepSpecs?.find((one) => one.name === step.name)?.computeResources
    const shared = run.computeResources && shareOf(run.computeResources, index)
    const computeResources = shared ?? override
    return computeResources ? { ...step, computeResources } : step
  })
}

/** Steps run one after another: each may use all of the limits, and one of them requests for all. */
function shareOf(resources: Resources, index: number): Resources {
  return index === 0 ? resources : resources.limits ? { limits: resources.limits } : {}
}

function ownVolumes(steps: number, scripts: boolean): Volume[] {
  const names = ['workspace', 'home', 'results', 'steps', 'artifacts']
  const volumes: Volume[] = [
    ...names.map((name) => `tekton-internal-${name}`),
    ...(scripts ? [scriptsVolume] : []),
    'tekton-internal-bin',
  ].map((name) => ({ name, emptyDir: {} }))
  volumes.push({
    name: 'tekton-internal-downward',
    downwardAPI: {
      items: [
        { path: 'ready', fieldRef: { fieldPath: "metadata.annotations['tekton.dev/ready']" } },
      ],
    },
  })
  for (let index = 0; index < steps; index++)
    volumes.push(
      { name: `tekton-creds-init-home-${index}`, emptyDir: { medium: 'Memory' } },
      { name: `tekton-internal-run-${index}`, emptyDir: {} },
    )
  return volumes
}
