import { expect, test } from 'vitest'
import { createChange, updateChange } from '#server/access/model/diff-objects.ts'
import { diffLines } from './diff-lines.ts'

const target = { apiVersion: 'v1', kind: 'Service', namespace: 'team', name: 'alias' }

function planned(port: number, names: string[] = ['http']) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'alias', namespace: 'team', labels: { 'bindery.dev/uid': 'one' } },
    spec: { ports: names.map((name) => ({ name, port })), selector: {} },
  }
}

function text(lines: ReturnType<typeof diffLines>): string {
  return lines.map(({ mark, depth, text }) => `${mark} ${'  '.repeat(depth)}${text}`).join('\n')
}

test('what is created reads as the YAML that creates it', () => {
  expect(text(diffLines(createChange(target, planned(8080, ['http', 'https']))))).toBe(
    [
      '+ metadata:',
      '+   labels:',
      '+     bindery.dev/uid: one',
      '+ spec:',
      '+   ports:',
      '+     - name: http',
      '+       port: 8080',
      '+     - name: https',
      '+       port: 8080',
      '+   selector: {}',
    ].join('\n'),
  )
})

test('a change shows the old line above the new one, and the keys that lead there', () => {
  const change = updateChange(target, planned(80), planned(8080))
  expect(text(diffLines(change))).toBe(
    ['  spec:', '    ports:', '-     - port: 80', '+     - port: 8080'].join('\n'),
  )
})

test('the whole object stands around what differs, and nothing of it is lost', () => {
  const change = updateChange(target, planned(80), planned(8080))
  expect(text(diffLines(change, planned(8080)))).toBe(
    [
      '  apiVersion: v1',
      '  kind: Service',
      '  metadata:',
      '    name: alias',
      '    namespace: team',
      '    labels:',
      '      bindery.dev/uid: one',
      '  spec:',
      '    ports:',
      '      - name: http',
      '-       port: 80',
      '+       port: 8080',
      '    selector: {}',
    ].join('\n'),
  )
})

test('a list member that is a value, and a text that YAML would misread', () => {
  const change = {
    ...target,
    change: 'update' as const,
    fields: [
      { path: 'spec.policyTypes[0]', live: 'Egress', planned: 'Ingress' },
      { path: 'metadata.annotations["a"]', live: '' },
    ],
  }
  expect(text(diffLines(change))).toBe(
    [
      '  spec:',
      '    policyTypes:',
      '-     - Egress',
      '+     - Ingress',
      '- metadata:',
      '-   annotations:',
      '-     a: ""',
    ].join('\n'),
  )
})
