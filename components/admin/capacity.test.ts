import { expect, test } from 'vitest'
import type { BindingView } from '#server/access/views/binding.ts'
import { bindingView } from '#server/access/views/binding-view.ts'
import { serviceView } from '#server/serving/views/service-view.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { capacityRows, isOverbooked } from './capacity.ts'

const object = sampleService()
object.spec.limits.capacity = { concurrency: 14 }
const service = serviceView(object)
const may = { approve: true, revoke: true, update: true, delete: true, use: true }
const base = bindingView(sampleBinding(), object, { user: 'grace', may }, new Date())

function holder(id: string, concurrency: number, state: BindingView['state'] = 'ready') {
  const quota = { requestsPerMinute: 60, tokensPerDay: 1_000_000, concurrency }
  const granted = { ...base.asked, quota } as unknown as BindingView['granted']
  return { ...base, id, state, granted }
}

const wish = { requestsPerMinute: 60, tokensPerDay: 1_000_000, concurrency: 4 }
const answers = (bindings: BindingView[], id = 'team/new') =>
  capacityRows(bindings, service, { id }, wish).find(({ key }) => key === 'concurrency')

test('what others hold and what is wished add up, and only where something is held', () => {
  const others = [holder('a/x', 6), holder('b/x', 4, 'provisioning'), holder('c/x', 9, 'ended')]
  expect(answers(others)).toEqual({
    key: 'concurrency',
    others: 10,
    held: 0,
    wished: 4,
    capacity: 14,
  })
})

test('a change counts once: in place of what the binding holds now', () => {
  expect(answers([holder('a/x', 6), holder('team/new', 2)])).toMatchObject({ others: 6, held: 2 })
})

test('bindings of another service take nothing from this one', () => {
  const elsewhere = holder('a/x', 6)
  elsewhere.asked = {
    ...elsewhere.asked,
    modelService: { namespace: 'other', name: 'vibethinker' },
  }
  expect(answers([elsewhere])).toMatchObject({ others: 0 })
})

test('it is overbooked above the capacity, and never where the service states none', () => {
  const row = { key: 'concurrency' as const, others: 10, held: 0, wished: 4 }
  expect(isOverbooked({ ...row, capacity: 14 })).toBe(false)
  expect(isOverbooked({ ...row, capacity: 13 })).toBe(true)
  expect(isOverbooked(row)).toBe(false)
})
