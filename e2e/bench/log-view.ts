import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumPath } from '#e2e/support/chromium.ts'
import { signIn } from '#e2e/support/people.ts'
import { runDemo } from '#e2e/support/run-demo.ts'
import { keepResult } from './keep-result.ts'
import { type Tasks, tasksOf } from './main-thread.ts'
import { percentile, rounded } from './numbers.ts'

/** `npx tsx e2e/bench/log-view.ts`: a log of 200,000 lines in Chromium, what its page does and how fast it searches. */
const lineCount = 200_000
const stepCount = 5
const rounds = 5
const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline']

type Searched = {
  query: string
  lines: number
  firstMs: number
  p50Ms: number
  maxMs: number
  plainPassMs: number
  timesPlainPass: number
}

const demo = await runDemo('bench-log-view')
process.env.KUBECONFIG = join(demo.stateDir, 'kubeconfig')
try {
  const { startSteps, serving } = await import('#e2e/support/faults.ts')
  // A kubelet keeps 10 MiB of a container's log: in one step so many lines would lose their beginning.
  const perStep = lineCount / stepCount
  const run = await startSteps(
    Array.from({ length: stepCount }, (_, step) => ({
      name: `part-${step}`,
      script: `#!/bin/sh
awk 'BEGIN { for (i = ${step * perStep}; i < ${(step + 1) * perStep}; i++) print "2026-11-26 worker-" (i % 16) " step " i " loss=" (i * 7919 % 1000) / 1000 " a line as programs write them while they work" (i % 5000 == 77 ? " ERROR cannot reach the store" : "") }'
`,
    })),
  )
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  try {
    const logView = await measure(browser, `/runs/${serving}/${run}`)
    console.log(JSON.stringify(logView, null, 2))
    keepResult('log-view', { logView })
  } finally {
    await browser.close()
  }
} finally {
  await demo.stop()
}

async function measure(browser: Browser, path: string) {
  const context = await browser.newContext({
    baseURL: demo.url,
    viewport: { width: 1440, height: 900 },
  })
  const page = await context.newPage()
  await signIn(page, 'grace')
  // Once while it is written, so that the web has it; what is measured is a reader who comes afterwards.
  await page.goto(path)
  await ended(page)

  const tasks: Record<string, Tasks> = {}
  const firstLineMs: number[] = []
  const loadMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    await page.goto('/runs')
    await page.getByRole('heading', { level: 1 }).waitFor()
    const traced = round === rounds - 1
    if (traced) await browser.startTracing(page, { categories })
    const startedMs = performance.now()
    await page.goto(path)
    await page.locator('[role=log] [data-line]').first().waitFor()
    firstLineMs.push(performance.now() - startedMs)
    await ended(page)
    loadMs.push(performance.now() - startedMs)
    if (traced) tasks.loading = tasksOf(await browser.stopTracing())
  }

  await browser.startTracing(page, { categories })
  await scrollThrough(page)
  tasks.scrolling = tasksOf(await browser.stopTracing())

  await browser.startTracing(page, { categories })
  const searches = [
    await search(page, 'step 123456 ', 1),
    await search(page, 'cannot reach', lineCount / 5000),
    await search(page, 'worker-3 ', lineCount / 16),
    await search(page, 'loss=0\\.(12|98)\\d* a', undefined, true),
  ]
  tasks.searching = tasksOf(await browser.stopTracing())
  return {
    lines: lineCount,
    firstLineMs: spread(firstLineMs),
    loadMs: spread(loadMs),
    tasks,
    searches,
  }
}

function spread(values: number[]) {
  return { p50: rounded(percentile(values, 0.5)), max: rounded(Math.max(...values)) }
}

async function ended(page: Page): Promise<void> {
  await page.getByText(/^Ended · 200,000 lines/).waitFor({ timeout: 240_000 })
}

/** From the top to the end by the wheel, as somebody who reads across. */
async function scrollThrough(page: Page): Promise<void> {
  const log = page.getByRole('log', { name: 'Log' })
  await log.hover()
  await log.focus()
  await page.keyboard.press('g')
  for (let turn = 0; turn < 120; turn++) await page.mouse.wheel(0, 400 + turn * 200)
}

/** The time from the last letter to the whole count on the screen, and what one plain pass over the same lines takes. */
async function search(
  page: Page,
  query: string,
  expected: number | undefined,
  regex = false,
): Promise<Searched> {
  const pressed = page.getByRole('button', { name: 'Regular expression' })
  if (((await pressed.getAttribute('aria-pressed')) === 'true') !== regex) await pressed.click()
  const plain = await plainPass(page, query, regex)
  const lines = expected ?? plain.lines
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    await type(page, '')
    times.push(await type(page, query, `of ${lines}`))
  }
  const p50Ms = rounded(percentile(times, 0.5))
  return {
    query,
    lines,
    firstMs: rounded(times[0] ?? Number.NaN),
    p50Ms,
    maxMs: rounded(Math.max(...times)),
    plainPassMs: plain.ms,
    timesPlainPass: rounded(p50Ms / plain.ms),
  }
}

function type(page: Page, text: string, until?: string): Promise<number> {
  return page.evaluate(
    async ({ text, until }) => {
      const box = document.querySelector<HTMLInputElement>('[type=search]')
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
      const startedMs = performance.now()
      if (box) set?.call(box, text)
      box?.dispatchEvent(new Event('input', { bubbles: true }))
      for (;;) {
        const said = document.querySelector('search [role=status]')?.textContent ?? ''
        if (until ? said.endsWith(until) : said === '') return performance.now() - startedMs
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
    },
    { text, until },
  )
}

/** The reference: the same text in the same browser, each line looked at once, on the page's own thread. */
async function plainPass(
  page: Page,
  query: string,
  regex: boolean,
): Promise<{ lines: number; ms: number }> {
  return page.evaluate(
    async ({ query, regex, path }) => {
      const text = await (await fetch(`${path}?format=plain`)).text()
      const lines = text.split('\n')
      const pattern = new RegExp(query, 'i')
      const wanted = query.toLowerCase()
      const startedMs = performance.now()
      const found = lines.filter((line) =>
        regex ? pattern.test(line) : line.toLowerCase().includes(wanted),
      )
      return { lines: found.length, ms: performance.now() - startedMs }
    },
    { query, regex, path: `/api${new URL(page.url()).pathname}/log.txt` },
  )
}
