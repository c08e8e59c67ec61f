import { expect, test, vi } from 'vitest'
import { renderMarkdown } from '#server/domain/typeset/render-markdown.ts'
import { createTypesetPool, type TypesetWorker } from './typeset-pool.ts'

const labels = { copy: 'Copy' }

/** Sets in this thread what a worker would set in its own, when it is told to. A text that holds `hang` never comes back. */
function workshop() {
  const workers: { load(): void; set(): void; text: string | undefined; ended: boolean }[] = []
  function createWorker(): TypesetWorker {
    const state = { load() {}, set() {}, text: undefined as string | undefined, ended: false }
    workers.push(state)
    const say = (data: unknown) => worker.onmessage?.(new MessageEvent('message', { data }))
    state.load = () => say('ready')
    const worker: TypesetWorker = {
      onmessage: null,
      onerror: null,
      postMessage: ({ text }: { text: string }) => {
        state.text = text
        state.set = () => {
          state.text = undefined
          if (text.includes('hang')) return
          say({ html: renderMarkdown(text, labels) })
        }
      },
      terminate: () => {
        state.ended = true
      },
    }
    return worker
  }
  return { workers, createWorker }
}

test('two workers at most, the newest of a place wins, and the newest place comes first', () => {
  const { workers, createWorker } = workshop()
  const pool = createTypesetPool(createWorker, labels)
  const told: string[] = []
  const places = [{}, {}, {}, {}]
  const ask = (place: number, text: string) =>
    pool.typeset(places[place] ?? {}, text, (html) => told.push(`${place}:${html?.trim()}`))
  ask(0, 'a')
  workers[0]?.load()
  ask(1, 'b')
  workers[1]?.load()
  ask(2, 'old')
  ask(3, 'c')
  ask(2, 'new')
  pool.forget(places[3] ?? {})
  expect(workers.map(({ text }) => text)).toEqual(['a', 'b'])
  workers[0]?.set()
  expect(workers.map(({ text }) => text)).toEqual(['new', 'b'])
  workers[0]?.set()
  workers[1]?.set()
  expect(workers.map(({ text }) => text)).toEqual([undefined, undefined])
  expect(told).toEqual(['0:<p>a</p>', '2:<p>new</p>', '1:<p>b</p>'])
  expect(pool.find('new')?.trim()).toBe('<p>new</p>')
  expect(pool.find('old')).toBeUndefined()
})

test('a worker that is caught in a formula is ended, and the next job is done by another', () => {
  vi.useFakeTimers()
  const { workers, createWorker } = workshop()
  const pool = createTypesetPool(createWorker, labels, {
    workersMax: 1,
    jobMsMax: 3000,
    cacheCharsMax: 1000,
  })
  const told: (string | undefined)[] = []
  pool.typeset({}, 'hang', (html) => told.push(html))
  pool.typeset({}, 'x', (html) => told.push(html))
  vi.advanceTimersByTime(60_000)
  expect(workers[0]?.ended, 'while it is loaded no time is counted').toBe(false)
  workers[0]?.load()
  expect(workers[0]?.text).toBe('x')
  workers[0]?.set()
  expect(workers[0]?.text).toBe('hang')
  vi.advanceTimersByTime(3000)
  expect(workers[0]?.ended).toBe(true)
  pool.typeset({}, 'y', (html) => told.push(html))
  workers[1]?.load()
  workers[1]?.set()
  expect(told).toEqual(['<p>x</p>\n', undefined, '<p>y</p>\n'])
  vi.useRealTimers()
})

test('what was set is kept up to a size, the oldest goes first', () => {
  const { workers, createWorker } = workshop()
  const pool = createTypesetPool(createWorker, labels, {
    workersMax: 1,
    jobMsMax: 3000,
    cacheCharsMax: 30,
  })
  for (const text of ['one', 'two', 'three']) {
    pool.typeset({}, text, () => {})
    if (text === 'one') workers[0]?.load()
    workers[0]?.set()
  }
  expect(pool.find('one')).toBeUndefined()
  expect(pool.find('three')).toBe('<p>three</p>\n')
})
