import { findImage, type ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { stepContainerName } from '#server/lab/cluster/tekton/substitute-task.ts'
import type { EnvVar, Step, TaskSpec, VolumeMount } from '#server/lab/cluster/tekton/task-types.ts'

const runDir = '/tekton/run'
const terminationPath = '/tekton/termination'

const sharedMounts: VolumeMount[] = [
  { name: 'tekton-internal-bin', readOnly: true, mountPath: '/tekton/bin' },
  { name: 'tekton-internal-workspace', mountPath: '/workspace' },
  { name: 'tekton-internal-home', mountPath: '/tekton/home' },
  { name: 'tekton-internal-results', mountPath: '/tekton/results' },
  { name: 'tekton-internal-steps', readOnly: true, mountPath: '/tekton/steps' },
  { name: 'tekton-internal-artifacts', mountPath: '/tekton/artifacts' },
]

/**
 * The container of a step: Tekton's entrypoint waits for the step before, runs the step's command, and tells the next.
 * `steps` are merged with their template, their scripts placed.
 */
export function stepContainer(
  spec: TaskSpec,
  steps: Step[],
  index: number,
  extraEnv: EnvVar[],
  images: ImageTable,
): Record<string, unknown> {
  const { name, ...step } = steps[index] ?? { name: '' }
  const { script: _, timeout, onError, workspaces, ref, params, results, when, ...rest } = step
  const { stdoutConfig, stderrConfig, displayName, computeResources, ...fields } = rest
  const [entrypoint, ...args] = commandOf(steps[index], images)
  const env = [...(step.env ?? []), ...extraEnv]
  const own: VolumeMount[] = [
    ...(step.volumeMounts ?? []),
    ...(index === 0
      ? [{ name: 'tekton-internal-downward', readOnly: true, mountPath: '/tekton/downward' }]
      : []),
    { name: `tekton-creds-init-home-${index}`, mountPath: '/tekton/creds' },
    ...steps.map((_step, other) => ({
      name: `tekton-internal-run-${other}`,
      ...(other === index ? {} : { readOnly: true }),
      mountPath: `${runDir}/${other}`,
    })),
  ]
  const taken = new Set(own.map((mount) => mount.mountPath.replace(/\/+$/, '')))
  return {
    ...fields,
    name: stepContainerName(name, index),
    command: ['/tekton/bin/entrypoint'],
    args: [
      ...(index === 0
        ? ['-wait_file', '/tekton/downward/ready', '-wait_file_content']
        : ['-wait_file', `${runDir}/${index - 1}/out`]),
      '-post_file',
      `${runDir}/${index}/out`,
      '-termination_path',
      terminationPath,
      '-step_metadata_dir',
      `${runDir}/${index}/status`,
      ...(timeout ? ['-timeout', timeout] : []),
      ...(onError ? ['-on_error', onError] : []),
      ...(results?.length ? ['-step_results', results.map((one) => one.name).join(',')] : []),
      ...(when?.length ? ['--when_expressions', JSON.stringify(when)] : []),
      ...(spec.results?.length ? ['-results', spec.results.map((one) => one.name).join(',')] : []),
      ...(entrypoint === undefined ? [] : ['-entrypoint', entrypoint]),
      '--',
      ...args,
    ],
    ...(env.length > 0 ? { env } : {}),
    resources: computeResources ?? {},
    volumeMounts: [...own, ...sharedMounts.filter((mount) => !taken.has(mount.mountPath))],
    terminationMessagePath: terminationPath,
  }
}

/** A step without a command runs what its image says. */
function commandOf(step: Step | undefined, images: ImageTable): string[] {
  if (step?.command?.length) return [...step.command, ...(step.args ?? [])]
  const image = findImage(images, step?.image ?? '')
  const entrypoint = image?.entrypoint ?? []
  return [...entrypoint, ...(step?.args?.length ? step.args : (image?.cmd ?? []))]
}
