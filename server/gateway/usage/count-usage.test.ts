import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokensInAnswers, usageCounter, usageOf } from './count-usage.ts'

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`
const token = (content: string) => event({ choices: [{ index: 0, delta: { content } }] })
const usage = event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } })
// A text of the answer that looks like what is searched for.
const tokens = token('思考') + token('"usage": {"choices":[]} "error"') + token('\n\ndata: [DONE]')

function passed(text: string, cuts: number[], wantsUsage: boolean) {
  const counter = usageCounter(wantsUsage)
  const bytes = Buffer.from(text)
  const ends = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b)
  let from = 0
  const out: Buffer[] = []
  for (const end of [...ends, bytes.length]) {
    out.push(counter.take(bytes.subarray(from, end)) ?? Buffer.alloc(0))
    from = end
  }
  out.push(counter.rest() ?? Buffer.alloc(0))
  return { text: Buffer.concat(out).toString('utf8'), counter }
}

test('however the bytes are cut: all pass untouched, and the usage is found', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), (cuts, crlf) => {
      const whole = `${tokens}${usage}data: [DONE]\n\n`
      const text = crlf ? whole.replaceAll('\n', '\r\n') : whole
      const { text: out, counter } = passed(text, cuts, true)
      expect(out).toBe(text)
      expect(counter.usage()).toEqual({ promptTokens: 9, completionTokens: 3 })
      expect(counter.events()).toBe(5)
      expect(counter.failed()).toBe(false)
    }),
  )
})

test('however the bytes are cut: who did not ask for the usage gets all but its data', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
      const { text, counter } = passed(`${tokens}${usage}data: [DONE]\n\n`, cuts, false)
      expect(text).toBe(`${tokens}\ndata: [DONE]\n\n`)
      expect(counter.usage()?.completionTokens).toBe(3)
    }),
  )
})

test('usage that comes with a token stays; the last one counts; a failure inside is seen', () => {
  const both = (completion_tokens: number) =>
    event({ choices: [{ index: 0 }], usage: { prompt_tokens: 1, completion_tokens } })
  const text = both(1) + both(2) + event({ error: { message: 'out of memory', code: 500 } })
  const { text: out, counter } = passed(text, [], false)
  expect(out).toBe(text)
  expect(counter.usage()).toEqual({ promptTokens: 1, completionTokens: 2 })
  expect(counter.failed()).toBe(true)
})

test('a last line without an end passes and is read', () => {
  const { text, counter } = passed(`${tokens}${usage.trimEnd()}`, [], true)
  expect(text).toBe(`${tokens}${usage.trimEnd()}`)
  expect(counter.usage()).toEqual({ promptTokens: 9, completionTokens: 3 })
})

test('tokens are counted where text passes: roles, ends, usage and beats are none', () => {
  const role = event({ choices: [{ index: 1, delta: { role: 'assistant', content: null } }] })
  const end = event({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] })
  const thought = event({ choices: [{ index: 1, delta: { reasoning_content: 'M' } }] })
  const empty = event({ choices: [{ index: 0, delta: { content: '' } }] })
  const { counter } = passed(
    `: beat\n\n${role}${empty}${thought.repeat(3)}${tokens}${end}${usage}`,
    [],
    true,
  )
  expect(counter.texts()).toBe(6)
})

test.each([
  [{ usage: { prompt_tokens: 5, total_tokens: 5 } }, { promptTokens: 5, completionTokens: 0 }],
  [{ usage: { prompt_tokens: null, completion_tokens: 3.5 } }, { completionTokens: 3 }],
  [{ usage: { prompt_tokens: 'x', completion_tokens: -1 } }, undefined],
  [{ usage: null }, undefined],
])('of %j so much is known: %j', (json, known) => {
  expect(usageOf(json)).toEqual(known)
})

test('several answers in one body are not counted as one', () => {
  const choices = [1, 2].map(() => ({
    message: { content: 'x'.repeat(600), reasoning_content: null },
  }))
  expect(tokensInAnswers({ choices })).toBe(200)
  expect(tokensInAnswers({ choices: choices.slice(1) })).toBe(0)
  expect(tokensInAnswers({ choices: 'x' })).toBe(0)
})
