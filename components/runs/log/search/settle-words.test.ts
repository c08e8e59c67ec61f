import { expect, test } from 'vitest'
import { settleWords } from './settle-words.ts'

/** A clock that the test moves. */
function scene() {
  let nowMs = 0
  let due: { act: () => void; atMs: number } | undefined
  const told: string[] = []
  const words = settleWords((text) => told.push(text), {
    now: () => nowMs,
    later: (act, ms) => {
      due = { act, atMs: nowMs + ms }
      return () => {
        due = undefined
      }
    },
  })
  function pass(ms: number) {
    nowMs += ms
    if (!due || due.atMs > nowMs) return
    const { act } = due
    due = undefined
    act()
  }
  return { words, told, pass }
}

test('a burst is told once, as it stands at its end', () => {
  const { words, told, pass } = scene()
  for (let count = 1; count <= 300; count++) {
    words.hear(`${count} lines`)
    pass(20)
  }
  expect(told).toEqual([])
  pass(1_000)
  expect(told).toEqual(['300 lines'])
  words.hear('300 lines')
  pass(20_000)
  expect(told).toEqual(['300 lines'])
})

test('what never rests is told now and then', () => {
  const { words, told, pass } = scene()
  for (let second = 0; second < 60; second += 0.5) {
    words.hear(`${second} s`)
    pass(500)
  }
  expect(told.length).toBeGreaterThanOrEqual(3)
  expect(told.length).toBeLessThanOrEqual(4)
})

test('what is back where it was is not told again, and nothing is told after the end', () => {
  const { words, told, pass } = scene()
  words.hear('live')
  pass(1_000)
  words.hear('connecting')
  pass(300)
  words.hear('live')
  pass(1_000)
  words.hear('ended')
  words.end()
  pass(1_000)
  expect(told).toEqual(['live'])
})
