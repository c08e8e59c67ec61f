import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#server/platform/model/errors.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { registryDigest } from './registry-digest.ts'

const digestPattern = /^sha256:[0-9a-f]{64}$/
const namePattern = /^[a-z0-9]([a-z0-9._/-]|:(?=\d+\/))*$/
const tagPattern = /^\w[\w.-]{0,127}$/

/** Tag to digest, once: from what is pinned in the cluster (air-gapped sites), else from the image's registry. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, [
    'image',
    'tag',
    'pinned-directory',
    'shared-claim',
    'digest-file',
    'reference-file',
  ])
  refuseClaim(given['shared-claim'])
  const { image, tag } = given
  if (!namePattern.test(image)) {
    throw new AppError('bad-request', `${image} is no name of an image (without tag).`)
  }
  if (!tagPattern.test(tag) && !digestPattern.test(tag)) {
    throw new AppError('bad-request', `${tag} is neither a tag nor a digest.`)
  }
  const digest = await resolve(image, tag, given['pinned-directory'], signal)
  logStep(`${image}:${tag} is ${digest}`)
  await writeFile(given['digest-file'], digest)
  await writeFile(given['reference-file'], `${image}@${digest}`)
}

/** Other runs write to a claim at the same time: what the steps of one run share is gone with it. */
function refuseClaim(name: string): void {
  if (!name) return
  const text = `The workspace shared-data is the PersistentVolumeClaim ${name}, which other runs may write to. Use an emptyDir.`
  throw new AppError('bad-request', text)
}

async function resolve(
  image: string,
  tag: string,
  pinnedDirectory: string,
  signal: AbortSignal,
): Promise<string> {
  if (digestPattern.test(tag)) return tag
  const pinned = await readPinned(join(pinnedDirectory, tag))
  if (pinned === undefined) return registryDigest(image, tag, signal)
  if (digestPattern.test(pinned)) return pinned
  throw new AppError('unprocessable', `The cluster pins ${tag} to something that is no digest.`)
}

async function readPinned(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
