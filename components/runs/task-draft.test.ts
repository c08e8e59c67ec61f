import { expect, test } from 'vitest'
import type { ParamSpec } from '#server/domain/task-run.ts'
import { firstTaskDraft, paramsOf } from './task-draft.ts'

const specs: ParamSpec[] = [
  { name: 'tag', type: 'string', default: 'latest' },
  { name: 'name', type: 'string' },
  { name: 'list', type: 'array', default: ['a', 'b'] },
  { name: 'map', type: 'object', default: { k: 'v=w' } },
]

test('defaults go out as they came in', () => {
  const draft = { ...firstTaskDraft(specs), name: 'x' }
  expect(paramsOf(specs, draft)).toEqual({
    params: [
      { name: 'tag', value: 'latest' },
      { name: 'name', value: 'x' },
      { name: 'list', value: ['a', 'b'] },
      { name: 'map', value: { k: 'v=w' } },
    ],
    problems: {},
  })
})

test('what is needed and what is malformed is named', () => {
  const draft = { ...firstTaskDraft(specs), map: 'no equals sign' }
  expect(paramsOf(specs, draft).problems).toEqual({ name: 'missing', map: 'badObject' })
})
