import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf, findImage } from './image-table.ts'
import { cosignImage, createKeyPair, signImage, tagImage } from './sign-image.ts'

const reference = 'localhost/bindery-demo-engine:dev'
const digest = digestOf('engine')
const pinned = `localhost/bindery-demo-engine@${digest}`
const keys = createKeyPair()
let directory: string
let store: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cosign-'))
  store = join(directory, 'signatures.json')
  writeFileSync(join(directory, 'cosign.pub'), keys.publicKey)
})
afterEach(() => rmSync(directory, { recursive: true }))

async function verify(image: string, options = ['--insecure-ignore-tlog=true']) {
  const { path = [], files = {} } = cosignImage(store)
  const env = { COSIGN_SIGNATURES: Object.values(files)[0] }
  const PATH = [...path, join(process.execPath, '..'), '/usr/bin', '/bin'].join(':')
  const args = ['verify', '--key', join(directory, 'cosign.pub'), ...options, image]
  return promisify(execFile)('cosign', args, {
    env: Object.assign({ PATH } as unknown as NodeJS.ProcessEnv, env),
  })
}

test('a signed image is verified by digest and by tag', async () => {
  signImage(store, reference, digest, keys.privateKey)
  for (const image of [pinned, reference]) {
    const { stdout, stderr } = await verify(image)
    expect(JSON.parse(stdout)[0].critical).toEqual({
      identity: { 'docker-reference': 'localhost/bindery-demo-engine' },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    })
    expect(stderr).toContain('The signatures were verified against the specified public key')
  }
})

test('an unsigned image, another key, another digest, an unknown tag are refused', async () => {
  tagImage(store, reference, digest)
  await expect(verify(reference)).rejects.toMatchObject({ code: 1, stderr: /no signatures found/ })
  await expect(verify('localhost/other:1')).rejects.toMatchObject({
    code: 1,
    stderr: /manifest unknown/,
  })

  signImage(store, reference, digest, createKeyPair().privateKey)
  await expect(verify(pinned)).rejects.toMatchObject({ code: 1, stderr: /no matching signatures/ })

  signImage(store, reference, digest, keys.privateKey)
  const other = `localhost/bindery-demo-engine@${digestOf('changed')}`
  await expect(verify(other)).rejects.toMatchObject({ code: 1, stderr: /no signatures found/ })
  await expect(verify(pinned, [])).rejects.toMatchObject({ code: 1, stderr: /transparency log/ })
  expect((await verify(pinned)).stdout).toContain(digest)
})

test('images are found by tag and by digest', () => {
  const table = { [reference]: { digest } }
  expect(findImage(table, reference)?.repository).toBe('localhost/bindery-demo-engine')
  expect(findImage(table, pinned)?.digest).toBe(digest)
  expect(findImage(table, `localhost/bindery-demo-engine@${digestOf('x')}`)).toBeUndefined()
  expect(findImage(table, 'localhost/bindery-demo-engine')).toBeUndefined()
  expect(findImage({ a: { digest } }, 'a:latest')?.digest).toBe(digest)
  expect(findImage(table, 'Bad Name')).toBeUndefined()
})
