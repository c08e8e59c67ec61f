import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { assembleImage } from './assemble-image.ts'

const usage =
  'Usage: npm run image -- DIR [bindery | demo-engine | all] [--home /where/it/will/lie]\n'

/**
 * After `npm run build`: lays out what a container holds, or, with `all`, what each of ours holds, in folders of their
 * names; `npm run demo -- --images DIR` runs those.
 */
const root = join(import.meta.dirname, '../../..')
const { values, positionals } = parseArgs({
  options: { home: { type: 'string' } },
  allowPositionals: true,
})
const [folder = join(root, '.bindery/image-root'), image = 'bindery'] = positionals
const target = resolve(folder)

if (image === 'all') {
  for (const each of ['bindery', 'demo-engine'] as const) {
    await assembleImage(root, join(target, each), each)
  }
} else if (image === 'bindery' || image === 'demo-engine') {
  await assembleImage(root, target, image, values.home)
} else {
  process.stderr.write(usage)
  process.exitCode = 2
}
