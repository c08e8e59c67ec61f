import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkNode, preflight } from './preflight.ts'

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bindery-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

test('an old Node is named, a new one passes', () => {
  expect(() => checkNode('18.20.0')).toThrow(
    'Node 18.20.0 is too old: Bindery needs 20.19 or newer.',
  )
  expect(() => checkNode('20.18.3')).toThrow('too old')
  expect(() => checkNode('20.19.0')).not.toThrow()
  expect(() => checkNode('22.1.0')).not.toThrow()
})

test('a taken port is named, with the way to choose another', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }),
  )
  await expect(preflight({ port, stateDir: scratch() })).rejects.toThrow(`Port ${port} is taken`)
})

test('a folder that cannot be made is named', async () => {
  const file = join(scratch(), 'file')
  writeFileSync(file, '')
  await expect(preflight({ port: 0, stateDir: join(file, 'state') })).rejects.toThrow(
    'cannot be written to',
  )
})
