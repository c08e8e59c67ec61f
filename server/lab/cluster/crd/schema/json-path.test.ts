import { expect, test } from 'vitest'
import { humanDuration } from '#server/lab/cluster/crd/printer-columns.ts'
import { jsonPath } from './json-path.ts'

const object = {
  metadata: { annotations: { 'a.b/c': 'x' } },
  spec: {
    ports: [
      { name: 'http', port: 80 },
      { name: 'https', port: 443 },
    ],
    list: ['a', 'b'],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synced', status: 'False' },
    ],
  },
}

test.each<[string, unknown[]]>([
  ['.spec.ports[0].name', ['http']],
  ['.spec.ports[-1].port', [443]],
  ['.spec.ports[*].port', [80, 443]],
  ['.spec.list[*]', ['a', 'b']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Synced')].status", ['False']],
  ['.spec.ports[?(@.port>100)].name', ['https']],
  [".metadata.annotations['a.b/c']", ['x']],
  ['{.spec.list[0]}', ['a']],
  ['.nothing.here', []],
  ['.constructor', []],
])('%s', (path, found) => {
  expect(jsonPath(path)?.(object)).toEqual(found)
})

test.each(['spec.list', '.spec[', '.spec[?(@.a)]'])('%s is no path', (path) => {
  expect(jsonPath(path)).toBeUndefined()
})

test.each<[number, string]>([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [125_000, '2m5s'],
  [11 * 60_000, '11m'],
  [3 * 3_600_000 + 300_000, '3h5m'],
  [20 * 3_600_000, '20h'],
  [3 * 86_400_000 + 3_600_000, '3d1h'],
  [30 * 86_400_000, '30d'],
  [800 * 86_400_000, '2y70d'],
  [-5_000, '<invalid>'],
])('%d ms is %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text)
})
