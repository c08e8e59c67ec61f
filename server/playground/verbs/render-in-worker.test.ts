import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { renderMarkdown } from '#server/playground/typeset/render-markdown.ts'
import { renderInWorker } from './render-in-worker.ts'

const limits = { workersMax: 1, startMs: 120_000, blockMs: 60_000, textMs: 120_000 }
const fallback = (source: string) => `<pre>${source.length}</pre>`
const formulas = 'so $\\sum_{k=1}^{n} \\frac{k^2}{\\sqrt{k+1}}$ and\n\n'.repeat(300)

async function whole(parts: AsyncIterable<string>) {
  let text = ''
  for await (const part of parts) text += part
  return text
}

test('a text is rendered elsewhere, as it would be here, and nobody waits for it here', async () => {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  await whole(renderInWorker({ source: 'x', format: 'html' }, fallback, limits))
  delay.enable()
  const made = await whole(renderInWorker({ source: formulas, format: 'html' }, fallback, limits))
  delay.disable()
  const startedMs = performance.now()
  expect(made).toBe(renderMarkdown(formulas, {}))
  const hereMs = performance.now() - startedMs
  expect(delay.max / 1e6).toBeLessThan(Math.max(200, hereMs))
}, 150_000)

test('what comes too late is shown as its source, whole', async () => {
  const late = { ...limits, textMs: -1 }
  const parts = renderInWorker({ source: formulas, format: 'html' }, fallback, late)
  expect(await whole(parts)).toBe(fallback(formulas))
})
