import { expect, test } from 'vitest'
import type { ParamSpec } from '#server/runs/model/task-run.ts'
import { bodyOf, firstTaskDraft } from './task-draft.ts'

const specs: ParamSpec[] = [
  { name: 'tag', type: 'string', default: 'latest' },
  { name: 'name', type: 'string' },
  { name: 'list', type: 'array', default: ['a', 'b'] },
  { name: 'map', type: 'object', default: { k: 'v=w' } },
]
const workspaces = [
  { name: 'data', optional: false },
  { name: 'cache', optional: true },
]

test('defaults go out as they came in', () => {
  const draft = firstTaskDraft(specs, workspaces)
  draft.params.name = 'x'
  expect(bodyOf('task', specs, { ...draft, why: ' A try. ' })).toEqual({
    body: {
      task: 'task',
      params: { tag: 'latest', name: 'x', list: ['a', 'b'], map: { k: 'v=w' } },
      workspaces: { data: { kind: 'emptyDir' } },
      why: 'A try.',
    },
    problems: {},
  })
})

test('what is needed and what is malformed is named', () => {
  const draft = firstTaskDraft(specs, workspaces)
  draft.params.map = 'no equals sign'
  draft.workspaces.cache = { kind: 'persistentVolumeClaim', name: 'Not A Name' }
  expect(bodyOf('task', specs, draft).problems).toEqual({
    'params.name': 'missing',
    'params.map': 'badObject',
    'workspaces.cache': 'badName',
    why: 'whyMissing',
  })
})

test('an earlier run is edited from where it stood', () => {
  const own = { name: 'scratch', optional: false, own: true }
  const draft = firstTaskDraft(specs, [...workspaces, own], {
    params: [
      { name: 'tag', value: 'v2' },
      { name: 'list', value: ['c'] },
      { name: 'gone', value: 'no longer declared' },
    ],
    workspaces: [
      { name: 'cache', kind: 'configMap', source: 'settings' },
      { name: 'scratch', kind: 'persistentVolumeClaim', source: 'everyones' },
    ],
    why: 'Once more.',
  })
  expect(draft.params).toEqual({ tag: 'v2', name: '', list: 'c', map: 'k=v=w' })
  expect(bodyOf('task', specs, draft).body.workspaces).toEqual({
    data: { kind: 'emptyDir' },
    cache: { kind: 'configMap', name: 'settings' },
    scratch: { kind: 'emptyDir' },
  })
})

test('a secret of an earlier run is asked for anew, and what stands in its place is not sent', () => {
  const masked = '[redacted:variable]'
  const earlier = {
    params: [
      { name: 'name', value: masked },
      { name: 'list', value: ['a', masked] },
    ],
    workspaces: [],
    why: 'Again.',
  }
  const secretive: ParamSpec[] = [
    ...specs,
    { name: 'keys', type: 'object', default: { a: masked } },
    { name: 'token', default: masked },
  ]
  const draft = firstTaskDraft(secretive, [], earlier)
  expect(draft.hidden).toEqual(['name', 'list'])
  expect(draft.params).toMatchObject({ name: '', list: '', keys: '', token: '' })
  const { problems } = bodyOf('task', secretive, draft)
  expect(problems).toEqual({ 'params.name': 'hiddenMissing', 'params.list': 'hiddenMissing' })

  draft.params.name = masked
  draft.params.list = 'b'
  expect(bodyOf('task', secretive, draft).problems).toEqual({ 'params.name': 'masked' })
  draft.params.name = 'x'
  const { body } = bodyOf('task', secretive, draft)
  // Defaults that are not shown are the Task's own to put in.
  expect(body.params).toEqual({ tag: 'latest', name: 'x', list: ['b'], map: { k: 'v=w' } })
})
