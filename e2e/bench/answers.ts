import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumPath } from '#e2e/support/chromium.ts'
import { signIn } from '#e2e/support/people.ts'
import { runDemo } from '#e2e/support/run-demo.ts'
import { callApi, getAccess, type Session, signInOverHttp } from './get-access.ts'
import { keepResult } from './keep-result.ts'
import { raiseLimits } from './look-up.ts'
import { rounded } from './numbers.ts'
import { type Felt, feltSince, listen } from './page-feel.ts'
import { startEngine } from './start-engine.ts'

/**
 * `npx tsx e2e/bench/answers.ts`: how a page feels while answers full of LaTeX are written on it, one and eight side by
 * side, against the same page and the same hands with nothing being written.
 */
const tokensPerSecond = 150
const tokens = Number(process.env.BENCH_TOKENS ?? 40_960)
const quota = { requestsPerMinute: 6000, tokensPerDay: 1_000_000_000, concurrency: 64 }
const idleSeconds = 20

export type AnswersRow = Felt & {
  answers: number
  tokens: number
  seconds: number
  /** Of one core, what the page's main thread took: told apart from what else the machine does. */
  mainThreadShare: number
  heapMb: number
  elements: number
}

export async function measureAnswers(
  browser: Browser,
  ada: Session,
  binding: { namespace: string; name: string },
): Promise<AnswersRow[]> {
  const context = await browser.newContext({
    baseURL: ada.origin,
    viewport: { width: 1440, height: 900 },
  })
  const page = await context.newPage()
  await page.addInitScript(listen)
  await signIn(page, 'ada')
  const rows: AnswersRow[] = []
  await page.goto('/playground')
  await page.getByTestId('prompt').waitFor()
  rows.push(await use(page, 0, 0, async () => false))
  for (const answers of [1, 8]) {
    const sampling = { temperature: 1, topP: 0.95, topK: -1, maxTokens: tokens }
    const asked = await callApi<{
      conversation: { id: string }
      generations: { id: string }[]
    }>(ada, 'POST', '/api/generations', {
      question: { text: `#bench:${tokens}` },
      variants: Array.from({ length: answers }, () => ({ binding, systemPrompt: '', sampling })),
    })
    const last = asked.generations.at(-1)?.id ?? ''
    const view = answers > 1 ? '&view=columns' : ''
    await page.goto(`/playground?conversation=${asked.conversation.id}&answer=${last}${view}`)
    await page.locator('.katex').first().waitFor({ timeout: 60_000 })
    const isWritten = async () => {
      const found = await callApi<{ generations: { state: string }[] }>(
        ada,
        'GET',
        `/api/conversations/${asked.conversation.id}`,
      )
      return found.generations.every(({ state }) => state !== 'running')
    }
    rows.push(await use(page, answers, tokens, isWritten))
  }
  await context.close()
  return rows
}

/** Types, folds, scrolls and follows the end, as somebody does who works beside a growing answer. */
async function use(
  page: Page,
  answers: number,
  written: number,
  isOver: () => Promise<boolean>,
): Promise<AnswersRow> {
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1000
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const cpuSeconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  }
  const cpuBefore = await cpuSeconds()
  await page.evaluate(() => performance.mark('begin'))
  for (let round = 0; ; round++) {
    await page.getByTestId('prompt').focus()
    await page.keyboard.type('x + 1')
    await page.keyboard.press('Backspace')
    await page.locator('summary').last().click()
    await page.keyboard.press('Enter')
    await page.mouse.wheel(0, round % 3 === 2 ? -700 : 1_000_000)
    await page.waitForTimeout(400)
    if (round % 5 === 4 && (answers === 0 ? seconds() > idleSeconds : await isOver())) break
  }
  const felt = await page.evaluate(feltSince)
  const took = seconds()
  const cpu = (await cpuSeconds()) - cpuBefore
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const elements = await page.evaluate(() => document.querySelectorAll('*').length)
  await session.detach()
  return {
    answers,
    tokens: written,
    seconds: rounded(took, 0),
    mainThreadShare: rounded(cpu / took),
    ...felt,
    heapMb: rounded(usedSize / 1e6, 1),
    elements,
  }
}

if (process.argv[1]?.endsWith('answers.ts')) {
  const engine = await startEngine(tokensPerSecond)
  const demo = await runDemo('bench-answers', { INFERENCE_URL: engine.url })
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  try {
    const ada = await signInOverHttp(demo.url, 'ada')
    const grace = await signInOverHttp(demo.url, 'grace')
    await raiseLimits(demo.stateDir, quota)
    const { namespace, name } = await getAccess(ada, grace, quota)
    const rows = await measureAnswers(browser, ada, { namespace, name })
    console.table(rows)
    console.log('The row without answers is the reference.')
    keepResult('answers', { tokensPerSecond, rows })
  } finally {
    await browser.close()
    await demo.stop()
    await engine.stop()
  }
}
