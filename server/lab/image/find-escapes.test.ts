import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyTree } from './copy-tree.ts'
import { findEscapes } from './find-escapes.ts'

/** A build with a package that is linked as Next links its external ones. */
function makeBuild(): { build: string; image: string } {
  const root = mkdtempSync(join(tmpdir(), 'bindery-image-'))
  const [build, image] = [join(root, 'build'), join(root, 'image')]
  mkdirSync(join(build, 'node_modules/undici'), { recursive: true })
  writeFileSync(join(build, 'node_modules/undici/index.js'), 'module.exports = {}')
  mkdirSync(join(build, 'next/node_modules'), { recursive: true })
  symlinkSync('../../node_modules/undici', join(build, 'next/node_modules/undici-1'))
  return { build, image }
}

test('a copy keeps its links relative, and so stands by itself', () => {
  const { build, image } = makeBuild()
  copyTree(build, image)
  expect(findEscapes(image, build)).toEqual([])
})

test('each link that leads out, is absolute or leads to nothing is found', () => {
  const { build, image } = makeBuild()
  copyTree(build, image)
  symlinkSync(join(build, 'node_modules'), join(image, 'absolute'))
  symlinkSync(join(image, 'node_modules'), join(image, 'absolute-inside'))
  symlinkSync('../build/node_modules', join(image, 'out'))
  symlinkSync('node_modules/none', join(image, 'nothing'))
  symlinkSync('out', join(image, 'out-by-another'))
  expect(findEscapes(image, build).map((line) => line.replace(/ -> \S+/, ''))).toEqual([
    'absolute is absolute',
    'absolute-inside is absolute',
    'nothing leads to nothing',
    'out leads out of the image',
    'out-by-another leads out of the image',
  ])
})

test.each([
  ['{"root":"FOLDER"}', true],
  ["require('FOLDER/node_modules/undici')", true],
  ['import x from "file://FOLDER/index.js"', true],
  ['//# sourceMappingURL=FOLDER/index.js.map', true],
  ['root: FOLDER', true],
  ['FOLDER', true],
  ['\0\u0001 FOLDER/x', true],
  ['{"root":"FOLDER-of-another"}', false],
  ['{"root":"/elsewhereFOLDER"}', false],
])('a file that says %s names the folder of the build: %s', (text, expected) => {
  const { build, image } = makeBuild()
  copyTree(build, image)
  writeFileSync(join(image, 'file'), text.replace('FOLDER', build))
  expect(findEscapes(image, build)).toHaveLength(expected ? 1 : 0)
})
