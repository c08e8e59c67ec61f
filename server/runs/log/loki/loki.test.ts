import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type LokiGap, type LokiLine, readLoki, selectorOf } from './loki.ts'

const labels = { namespace: 'namespace', taskrun: 'taskrun', step: 'step' }
const base = 1_795_457_877_000_000_000n
const step = {
  namespace: 'model-serving-prod',
  taskrun: 'run-1',
  step: 'verify-image',
  from: new Date(Number(base / 1_000_000n)),
  to: new Date(Number(base / 1_000_000n) + 1_000),
}

/** Answers `query_range` as Loki's documentation says: from `start` (inclusive) to `end`, oldest first, in streams. */
async function startLoki(streams: [bigint, string][][]) {
  const asked: { query: URLSearchParams; headers: Record<string, unknown> }[] = []
  let broken = false
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    asked.push({ query: url.searchParams, headers: request.headers })
    if (broken || url.pathname !== '/loki/api/v1/query_range') {
      return response.writeHead(500).end('too many outstanding requests')
    }
    const start = BigInt(url.searchParams.get('start') ?? 0)
    const end = BigInt(url.searchParams.get('end') ?? 0)
    const within = streams.flatMap((values, index) =>
      values.filter(([at]) => at >= start && at < end).map((value) => ({ index, value })),
    )
    within.sort((a, b) => Number(a.value[0] - b.value[0]))
    const page = within.slice(0, Number(url.searchParams.get('limit') ?? 100))
    const result = streams.map((_, index) => ({
      stream: { step: 'verify-image', filename: `/var/log/${index}` },
      values: page
        .filter((one) => one.index === index)
        .map(({ value: [at, text] }) => [String(at), text]),
    }))
    response.setHeader('content-type', 'application/json')
    const data = {
      resultType: 'streams',
      result: result.filter(({ values }) => values.length),
      stats: {},
    }
    response.end(JSON.stringify({ status: 'success', data }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail: () => {
      broken = true
    },
    close: () => server.close(),
  }
}

async function read(url: string, pageLines: number): Promise<LokiLine[]> {
  return (await readParts(url, { pageLines })).flatMap((part) => ('reason' in part ? [] : part))
}

async function readParts(url: string, more: { pageLines: number; linesMax?: number }) {
  const signal = new AbortController().signal
  const parts: (LokiLine[] | LokiGap)[] = []
  const settings = { url, labels, tenant: 'team', token: 't', ...more }
  for await (const part of readLoki(settings, step, signal)) parts.push(part)
  return parts
}

test('every line once and in order, however many share an instant and however small the pages are', async () => {
  const gaps = fc.array(fc.constantFrom(0n, 0n, 1n, 5n, 1_000_000n), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(gaps, fc.integer({ min: 8, max: 20 }), async (steps, pageLines) => {
      let at = base
      let run = 0
      const values = steps.flatMap((gap, index): [bigint, string][] => {
        run = gap === 0n ? run + 1 : 0
        at += run >= pageLines * 3 ? 1n : gap
        return [[at, `line ${index}`]]
      })
      const loki = await startLoki([values])
      const lines = await read(loki.url, pageLines)
      loki.close()
      expect(lines.map(({ text }) => text)).toEqual(values.map(([, text]) => text))
      expect(new Set(lines.map((line) => `${line.at}#${line.count}`)).size).toBe(lines.length)
    }),
    { numRuns: 30 },
  )
})

test('what is asked: who, when, and nothing that a name could break out of', async () => {
  const loki = await startLoki([[[base + 1n, 'a']], [[base, 'b']]])
  onTestFinished(() => void loki.close())
  expect(await read(loki.url, 100)).toEqual([
    { at: '2026-11-23T18:17:57.000000000Z', count: 1, text: 'b' },
    { at: '2026-11-23T18:17:57.000000001Z', count: 1, text: 'a' },
  ])
  const [{ query, headers } = { query: new URLSearchParams(), headers: {} }] = loki.asked
  expect(query.get('query')).toBe(
    '{namespace="model-serving-prod",taskrun="run-1",step=~"(step-)?verify-image"}',
  )
  expect(query.get('direction')).toBe('forward')
  expect(headers).toMatchObject({ 'x-scope-orgid': 'team', authorization: 'Bearer t' })
  expect(selectorOf(labels, { namespace: 'a"}', taskrun: 'b\\', step: 'c.*|"d' })).toBe(
    '{namespace="a\\"}",taskrun="b\\\\",step=~"(step-)?c\\\\.\\\\*\\\\|\\"d"}',
  )
  loki.fail()
  await expect(read(loki.url, 100)).rejects.toMatchObject({ code: 'bad-gateway' })
})

test('more lines of one instant than Loki gives are said to be missing, and what is younger follows', async () => {
  const crowd = Array.from({ length: 100 }, (_, index): [bigint, string] => [
    base,
    `at once ${index}`,
  ])
  const loki = await startLoki([[...crowd, [base + 1n, 'later'], [base + 2n, 'the end']]])
  onTestFinished(() => void loki.close())
  const parts = await readParts(loki.url, { pageLines: 10 })
  const said = parts.flatMap((part) =>
    'reason' in part ? part.reason : part.map((one) => one.text),
  )
  expect(said).toEqual([
    ...crowd.slice(0, 40).map(([, text]) => text),
    'crowded',
    'later',
    'the end',
  ])

  const some = await readParts(loki.url, { pageLines: 10, linesMax: 15 })
  expect(some.at(-1)).toEqual({ reason: 'truncated' })
})
