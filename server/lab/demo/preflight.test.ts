import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkNode } from './check-node.ts'
import { reasonOf } from './children/reason-of.ts'
import { preflight, refuseFullDisk, takePort } from './preflight.ts'

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

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

test.each(hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'])(
  'a port that is taken at %s is named, with the way to choose another',
  async (host) => {
    const server = createServer()
    onTestFinished(() => void server.close())
    const port = await new Promise<number>((resolve) =>
      server.listen(0, host, () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      }),
    )
    await expect(takePort(port)).rejects.toThrow(
      `Port ${port} is taken: stop what listens there, or choose another with PORT=${port + 1} npm run demo.`,
    )
    server.close()
    await once(server, 'close')
    const letGo = await takePort(port)
    // Nobody listens yet, but a demo that starts will.
    await expect(takePort(port)).rejects.toThrow(`Port ${port} is taken`)
    await letGo()
    await (await takePort(port))()
  },
)

test('a folder that cannot be made is named', () => {
  const file = join(scratch(), 'file')
  writeFileSync(file, '')
  expect(() => preflight([join(file, 'state')])).toThrow('cannot be written to')
  // A folder of ours in which another account left something.
  const left = { code: 'EACCES', path: '/w/.bindery/logs' }
  expect(reasonOf(Object.assign(new Error('EACCES: …'), left))).toBe(
    '/w/.bindery/logs cannot be written to: remove what another account left there, or start in a folder of yours.',
  )
})

test('a disk without room is named before anything is begun', () => {
  expect(() => refuseFullDisk('/w/.bindery', 499_999_999)).toThrow(
    'The disk of /w/.bindery has 499 MB left, and the demo needs 500: make room.',
  )
  refuseFullDisk('/w/.bindery', 500_000_000)
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
  })
  expect(reasonOf(full)).toBe('The disk is full: make room, and start again.')
  expect(reasonOf(new Error('what a library says'))).toBe('what a library says')
})
