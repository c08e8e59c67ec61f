import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const resolvedImageSchema = z.strictObject({
  image: z.string(),
  tag: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
})

/** What the first step found out, handed on in the workspace `shared-data`. */
export type ResolvedImage = z.infer<typeof resolvedImageSchema>

const fileName = 'image.json'

export async function writeResolvedImage(directory: string, image: ResolvedImage): Promise<void> {
  await writeFile(join(directory, fileName), JSON.stringify(image))
}

export async function readResolvedImage(directory: string): Promise<ResolvedImage> {
  return resolvedImageSchema.parse(JSON.parse(await readFile(join(directory, fileName), 'utf8')))
}

/** By digest alone: what was verified is what runs, whatever the tag means by then. */
export function referenceOf(image: ResolvedImage): string {
  return `${image.image}@${image.digest}`
}
