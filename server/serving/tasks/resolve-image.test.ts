import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitImage } from './registry-digest.ts'
import { run } from './resolve-image.ts'

const digest = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`
let directory: string
let registry: Server
let host: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'resolve-'))
  writeFileSync(join(directory, 'pinned'), `${digest}\n`)
  registry = createServer((request, response) => {
    const known = request.method === 'HEAD' && request.url === '/v2/team/model/manifests/v1'
    response.writeHead(known ? 200 : 404, known ? { 'docker-content-digest': other } : {}).end()
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(registry.address() as AddressInfo).port}`
})

afterAll(() => {
  registry.close()
  rmSync(directory, { recursive: true })
})

function resolve(image: string, tag: string, claim = ''): Promise<void> {
  const args = {
    image,
    tag,
    'pinned-directory': directory,
    'shared-claim': claim,
    'digest-file': join(directory, 'digest'),
    'reference-file': join(directory, 'reference'),
  }
  const flags = Object.entries(args).map(([name, value]) => `--${name}=${value}`)
  return run(flags, new AbortController().signal)
}

test('a tag that the cluster pins needs no registry', async () => {
  await resolve('localhost/bindery-demo-engine', 'pinned')
  const reference = readFileSync(join(directory, 'reference'), 'utf8')
  expect(reference).toBe(`localhost/bindery-demo-engine@${digest}`)
  expect(readFileSync(join(directory, 'digest'), 'utf8')).toBe(digest)
})

test('any other tag is asked of the image’s own registry', async () => {
  await resolve(`${host}/team/model`, 'v1')
  expect(readFileSync(join(directory, 'digest'), 'utf8')).toBe(other)
  await expect(resolve(`${host}/team/model`, 'v2')).rejects.toThrow('There is no image')
})

test('what is no image and no tag is refused before anything is asked', async () => {
  await expect(resolve('../../etc', 'v1')).rejects.toThrow('no name of an image')
  await expect(resolve('team/model', '../pinned')).rejects.toThrow('neither a tag nor a digest')
})

test('a workspace that other runs can write to is refused before anything is resolved', async () => {
  rmSync(join(directory, 'reference'), { force: true })
  await expect(resolve('team/model', 'pinned', 'everyones')).rejects.toThrow('Use an emptyDir')
  expect(existsSync(join(directory, 'reference'))).toBe(false)
})

test('names are split as a container runtime does', () => {
  expect(splitImage('ghcr.io/a/b')).toEqual({ registry: 'https://ghcr.io', repository: 'a/b' })
  expect(splitImage('nginx').repository).toBe('library/nginx')
  expect(splitImage('team/model').registry).toBe('https://registry-1.docker.io')
})
