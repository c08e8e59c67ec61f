import { z } from 'zod'
import type { Config } from '#server/platform/config.ts'
import { ConfigMap, Deployment } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { probePod } from '#server/platform/model/names.ts'
import { Task } from '#server/runs/model/task-run.ts'
import { imageFinding } from './check-services.ts'
import { type Found, ok, problem } from './finding.ts'

const podTemplate = z.object({
  spec: z.object({ containers: z.array(z.object({ image: z.string().default('') })) }),
})

/** Bindery's own Deployments: they and the Tasks are one version, or steps do not understand what they are given. */
const own = ['bindery-web', 'bindery-controller', 'bindery-gateway']

export async function checkImages(kube: Kube, config: Config): Promise<Found[]> {
  const { POD_NAMESPACE, SERVING_NAMESPACE } = config
  const [deployments, tasks, probe] = await Promise.all([
    Promise.all(
      [POD_NAMESPACE, SERVING_NAMESPACE].map((namespace) => kube.list(Deployment, { namespace })),
    ),
    kube.list(Task, { namespace: SERVING_NAMESPACE }),
    kube.find(ConfigMap, { namespace: SERVING_NAMESPACE, name: probePod }),
  ])
  const run: { where: string; image: string; isOwn: boolean }[] = []
  for (const { metadata, spec } of deployments.flat()) {
    for (const { image } of podTemplate.parse(spec.template).spec.containers) {
      run.push({ where: metadata.name, image, isOwn: own.includes(metadata.name) })
    }
  }
  for (const { metadata, spec } of tasks) {
    for (const { name, image = '' } of spec.steps ?? []) {
      // Steps of other images are cosign's and the like.
      const isOwn = run.some((one) => one.isOwn && repositoryOf(one.image) === repositoryOf(image))
      run.push({ where: `Task ${metadata.name}, step ${name}`, image, isOwn })
    }
  }
  const probeImage = probe?.data?.image
  if (probeImage) run.push({ where: `ConfigMap ${probePod}`, image: probeImage, isOwn: true })

  const versions = new Set(run.filter(({ isOwn }) => isOwn).map(({ image }) => image))
  const found = [...new Map(run.map((one) => [one.image, one])).values()].flatMap(
    ({ where, image }) => imageFinding(where, image) ?? [],
  )
  if (versions.size > 1) {
    found.push(
      problem(
        `Different images of Bindery run beside each other: ${[...versions].join(', ')}.`,
        'Wait for a rollout that is under way, or apply your overlay again: Deployments, Tasks and the ConfigMap bindery-probe name one image.',
      ),
    )
  }
  if (found.length > 0) return found
  return [ok(`${run.length} containers and steps name their images by digest.`)]
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
}
