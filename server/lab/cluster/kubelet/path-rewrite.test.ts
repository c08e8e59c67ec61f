import { expect, test } from 'vitest'
import { pathRewriter } from './path-rewrite.ts'

const rewriter = pathRewriter([
  { containerPath: '/workspace', hostPath: '/state/pod/volumes/ws' },
  { containerPath: '/workspace/data', hostPath: '/state/pod/volumes/data' },
  { containerPath: '/tekton/run/0', hostPath: '/state/pod/volumes/run-0' },
  { containerPath: '/tekton/run/10', hostPath: '/state/pod/volumes/run-10' },
])

test.each([
  ['/workspace', '/state/pod/volumes/ws'],
  ['cat /workspace/data/x /workspace/y', 'cat /state/pod/volumes/data/x /state/pod/volumes/ws/y'],
  ['--out=/workspace/data', '--out=/state/pod/volumes/data'],
  ['"/workspace/database"', '"/state/pod/volumes/ws/database"'],
  ['/tekton/run/10/out', '/state/pod/volumes/run-10/out'],
  ['/bin:/workspace/bin:/usr', '/bin:/state/pod/volumes/ws/bin:/usr'],
])('%s becomes %s', (inside, outside) => {
  expect(rewriter.toHost(inside)).toBe(outside)
  expect(rewriter.toContainer(outside)).toBe(inside)
})

test("what is the host's already is not rewritten again", () => {
  const tmp = pathRewriter(
    [{ containerPath: '/tmp', hostPath: '/tmp/state/pod/tmp' }],
    ['/tmp/state'],
  )
  expect(tmp.toHost('/tmp/a /tmp/state/pod/kubeconfig')).toBe(
    '/tmp/state/pod/tmp/a /tmp/state/pod/kubeconfig',
  )
})

test('the root of the container is only ever read back', () => {
  const root = pathRewriter([{ containerPath: '/', hostPath: '/state/pod/root' }])
  expect(root.toHost('ls /')).toBe('ls /')
  expect(root.toContainer('/state/pod/root and /state/pod/root/a.')).toBe('/ and /a.')
})

test.each([
  '/workspaces',
  'http://host/workspace',
  '/other/workspace',
  'a/workspace',
  '/workspace.d',
])('%s is left alone', (text) => {
  expect(rewriter.toHost(text)).toBe(text)
})
