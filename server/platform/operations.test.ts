import { expect, onTestFinished, test } from 'vitest'
import { createMetricsRegistry, serveOperations } from './operations.ts'

test('says whether it lives, whether it is ready, and what it measures; nothing else', async () => {
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  let isReady = false
  const ready = async () => isReady
  const registry = createMetricsRegistry()
  const reports = { '/engines': async () => ({ stable: 'answers' }) }
  const operations = { host: '127.0.0.1', port: 0, ready, registry, reports }
  const port = await serveOperations(operations, ending.signal)
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  expect(await status('/livez')).toBe(200)
  expect(await status('/readyz')).toBe(503)
  isReady = true
  expect(await status('/readyz')).toBe(200)
  expect(await status('/')).toBe(404)
  expect(await status('/toString')).toBe(404)
  const report = await fetch(`http://127.0.0.1:${port}/engines`)
  expect(await report.json()).toEqual({ stable: 'answers' })
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
})
