import { join } from 'node:path'
import { assembleImage } from './assemble-image.ts'

/** `npm run image -- DIR [bindery | demo-engine]`, after `npm run build`: lays out what a container holds. */
const root = join(import.meta.dirname, '../../..')
const [target = join(root, '.bindery/image-root'), image = 'bindery'] = process.argv.slice(2)

if (image !== 'bindery' && image !== 'demo-engine') {
  process.stderr.write('Usage: npm run image -- DIR [bindery | demo-engine]\n')
  process.exitCode = 2
} else await assembleImage(root, target, image)
