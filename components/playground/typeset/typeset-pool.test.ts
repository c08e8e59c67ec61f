import { expect, test, vi } from 'vitest'
import { renderMarkdown } from '#server/playground/typeset/render-markdown.ts'
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
  ask(0, 'new')
  expect(told.at(-1), 'what was typeset before comes at once').toBe('0:<p>new</p>')
  ask(0, 'old')
  expect(workers.some(({ text }) => text === 'old')).toBe(true)
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

test('results of a place come in the order of its jobs, whichever worker is faster', () => {
  const { workers, createWorker } = workshop()
  const pool = createTypesetPool(createWorker, labels)
  const [place, other] = [{}, {}]
  const told: (string | undefined)[] = []
  const ask = (text: string) => pool.typeset(place, text, (html) => told.push(html?.trim()))
  // Both workers are up before the place grows.
  pool.typeset(other, 'x', () => {})
  workers[0]?.load()
  pool.typeset({}, 'y', () => {})
  workers[1]?.load()
  workers[0]?.set()
  workers[1]?.set()

  ask('half $a')
  ask('half $a$ whole')
  expect(workers.map(({ text }) => text)).toEqual(['half $a', 'half $a$ whole'])
  workers[1]?.set()
  workers[0]?.set()
  expect(told, 'the older result came last and is dropped').toHaveLength(1)
  expect(told[0]).toContain('whole')

  ask('slow')
  pool.typeset(place, 'x', (html) => told.push(html?.trim()))
  workers[0]?.set()
  expect(told.at(-1), 'a result from the cache overtakes, too').toBe('<p>x</p>')
})

test('what was typeset is kept up to a size, the oldest goes first', () => {
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
  const told: (string | undefined)[] = []
  pool.typeset({}, 'one', (html) => told.push(html))
  expect(told, 'it was dropped, and has to be typeset again').toEqual([])
  pool.typeset({}, 'three', (html) => told.push(html))
  expect(told).toEqual(['<p>three</p>\n'])
})
