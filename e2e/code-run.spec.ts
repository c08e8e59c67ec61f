import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Frame, type Page } from '@playwright/test'
import { expectAccessibleState } from './support/accessible.ts'
import { baseURL } from './support/address.ts'
import { readyBinding } from './support/api.ts'
import { browserOf } from './support/people.ts'
import { hostileProgram, programs } from './support/programs.ts'
import { test } from './support/test.ts'

/** Opens the program that holds these words, and gives the panel that it runs in. */
async function openProgram(page: Page, words: string) {
  const block = page.getByTestId('answer').locator('[data-block]').filter({ hasText: words })
  await block.scrollIntoViewIfNeeded()
  await block.getByRole('button', { name: 'Run', exact: true }).click()
  return block.locator('xpath=following-sibling::*[1][self::section]')
}

test('a program of an answer runs in a box on its reader’s page, which reaches nothing', async ({
  browser,
}) => {
  const world = await listenToAll()
  const context = await browserOf(browser, 'ada')
  await readyBinding(context, await browserOf(browser, 'grace'))
  const page = await context.newPage()
  const fences = [
    ...(['adds', 'fails', 'waits'] as const).map((name) => fence('python', programs[name])),
    ...(['counts', 'spins', 'floods'] as const).map((name) => fence('js', programs[name])),
    fence('javascript', hostileProgram(world.url, baseURL)),
    fence('cpp', 'int main() { return 0; }'),
  ]
  await page.goto('/playground?preset=code')
  await page.getByTestId('prompt').fill(`#say\n${fences.join('\n\n')}`)
  await page.getByRole('button', { name: /^Ask/ }).click()
  await expect(page.getByText('Finished (stop)')).toBeVisible()
  const loaded = page.waitForResponse((answer) => answer.url().endsWith('/python.wasm'))

  // Its time is used up while the rest of this goes on.
  const other = await context.newPage()
  await other.goto(page.url())
  const spinning = await openProgram(other, 'spinning')
  await expect(spinning.getByText('Running')).toBeVisible()

  await test.step('Python reads what it is given, and tells its errors apart', async () => {
    const panel = await openProgram(page, 'aside')
    const input = panel.getByRole('textbox', { name: 'Standard input' })
    await expect(input).toBeFocused()
    await input.fill('20 22\nthe rest')
    await input.press('Control+Enter')
    await expect(panel.getByText('Done')).toBeVisible()
    await expect(panel.getByRole('region', { name: 'Output' })).toHaveText(
      'sum 42\naside\nthe rest\n',
    )
    await expect(panel.locator('[data-stream=err]')).toHaveText('aside\n')
    const kept = (await loaded).headers()
    expect(kept['cache-control']).toContain('immutable')
    expect(kept['access-control-allow-origin']).toBeUndefined()
    const policyOf = async (path: string) =>
      (await page.request.get(path)).headers()['content-security-policy']
    expect(await policyOf('/playground')).not.toMatch(/unsafe-eval|code-box/)
    const policy = await policyOf('/api/code-box')
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+' 'wasm-unsafe-eval'; /)
    expect(policy).toMatch(/frame-ancestors 'self'; sandbox allow-scripts$/)
    await expectAccessibleState(page, 'a program that was run')
    await panel.getByRole('button', { name: 'Close' }).click()
    await expect(panel).toHaveCount(0)
  })

  await test.step('an error is shown with where it was', async () => {
    const panel = await openProgram(page, 'share')
    await expect(panel.getByText('Ended with an error')).toBeVisible()
    await expect(panel.locator('[data-stream=err]')).toHaveText(
      /^Traceback .*File "main\.py", line 5, in <module>.*line 2, in share.*ZeroDivisionError: division by zero\n$/s,
    )
    await expect(panel.getByText('Exit code 1')).toBeVisible()
  })

  await test.step('what has no end is stopped, and what it wrote stays', async () => {
    const panel = await openProgram(page, 'begun')
    const output = panel.getByRole('region', { name: 'Output' })
    await expect(output).toHaveText('begun\n')
    await panel.getByRole('button', { name: /^Stop/ }).click()
    await expect(panel.getByText('Stopped', { exact: true })).toBeVisible()
    await expect(output).toHaveText('begun\n')
  })

  await test.step('JavaScript reads its input as programs for Node do', async () => {
    const panel = await openProgram(page, 'lines.length')
    await panel.getByRole('textbox').fill('a\nb\nc\n')
    await panel.getByRole('button', { name: /^Run/ }).click()
    await expect(panel.getByRole('region', { name: 'Output' })).toHaveText(
      "lines 3 [ 1, { a: 'b' } ]\n",
    )
  })

  await test.step('hostile code reaches nobody, and the page stays the page', async () => {
    const cookies = await context.cookies()
    const panel = await openProgram(page, 'all were tried')
    await expect(panel.getByRole('region', { name: 'Output' })).toContainText('all were tried')
    await expect(panel.getByRole('region', { name: 'Output' })).not.toContainText('REACHED')
    // Nor could it, if it came out of its worker.
    const box = page.frames().find((frame) => frame.url().endsWith('/api/code-box'))
    expect(await tryFromDocument(box, world.url)).toEqual([])
    expect(page.frames()).toHaveLength(2)
    const flood = await openProgram(page, 'flood')
    await expect(flood.getByText(/^Too much output/)).toBeVisible()
    expect(world.heard()).toBe(0)
    expect(await context.cookies()).toEqual(cookies)
    await flood.getByRole('button', { name: 'Close' }).click()
    await expect(flood).toHaveCount(0)
  })

  await test.step('time is bounded', async () => {
    await expect(spinning.getByText(/^Out of time: 10 s/)).toBeVisible()
    await expect(spinning.getByRole('region', { name: 'Output' })).toHaveText('spinning\n')
    await other.close()
  })

  await test.step('Escape stops a run before an answer', async () => {
    await page.getByTestId('prompt').fill('#loop')
    await page.getByRole('button', { name: /^Ask/ }).click()
    const thinking = page.getByText('Thinking', { exact: true })
    await expect(thinking).toBeVisible()
    const panel = await openProgram(page, 'spinning')
    await expect(panel.getByText('Running')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(panel.getByText('Stopped', { exact: true })).toBeVisible()
    await expect(thinking).toBeVisible()
    await page.getByTestId('prompt').press('Escape')
    await expect(thinking).toHaveCount(0)
  })

  await test.step('a reload keeps nothing, and a language that does not run here has no button', async () => {
    await page.reload()
    const cpp = page.getByTestId('answer').locator('[data-block]').filter({ hasText: 'int main' })
    await cpp.scrollIntoViewIfNeeded()
    await expect(cpp.getByRole('button', { name: 'Copy' })).toBeVisible()
    await expect(cpp.getByRole('button', { name: 'Run' })).toHaveCount(0)
    await page.setViewportSize({ width: 390, height: 844 })
    const panel = await openProgram(page, 'aside')
    await expect(panel.getByRole('textbox')).toHaveValue('')
    await expect(panel.getByRole('status')).toHaveText('')
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(wider).toBeLessThanOrEqual(0)
  })
  world.close()
})

function fence(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``
}

/** A server that would answer everybody, on TCP and UDP, and counts what it was asked. */
async function listenToAll() {
  let heard = 0
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'access-control-allow-origin': '*',
      'content-type': 'text/javascript',
    })
    response.end('self.reached = true')
  })
  server.on('request', () => heard++).on('upgrade', () => heard++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const datagrams = createSocket('udp4').on('message', () => heard++)
  datagrams.bind(port, '127.0.0.1')
  return {
    url: `http://127.0.0.1:${port}`,
    heard: () => heard,
    close() {
      server.close()
      server.closeAllConnections()
      datagrams.close()
    },
  }
}

/** What a program could do from the box's own document; the names of what succeeded. */
async function tryFromDocument(box: Frame | undefined, foreign: string): Promise<string[]> {
  if (!box) return ['no box']
  return box.evaluate(async (url) => {
    const attempts: Record<string, () => unknown> = {
      fetch: () => fetch(url, { mode: 'no-cors' }),
      image: () =>
        new Promise((resolve, reject) => {
          const image = new Image()
          image.onload = resolve
          image.onerror = reject
          image.src = url
        }),
      script: () =>
        new Promise((resolve, reject) => {
          const script = document.createElement('script')
          script.onload = resolve
          script.onerror = reject
          script.src = url
          document.head.append(script)
        }),
      storage: () => localStorage.length,
      cookie: () => document.cookie,
      page: () => parent.document.title,
      window: () => open(url) ?? Promise.reject(),
      top: () => {
        if (top) top.location.href = url
      },
      eval: () => new Function('return 1')(),
    }
    // These say nothing of what became of them: whether somebody was reached is counted there.
    const form = document.createElement('form')
    form.action = url
    document.body.append(form)
    form.submit()
    navigator.sendBeacon(url)
    for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'stylesheet']) {
      document.head.append(Object.assign(document.createElement('link'), { rel, href: url }))
    }
    document.body.append(Object.assign(document.createElement('iframe'), { src: url }))
    const reached: string[] = []
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        await attempt()
        reached.push(name)
      } catch {}
    }
    for (const nested of document.querySelectorAll('iframe')) nested.remove()
    return reached
  }, foreign)
}
