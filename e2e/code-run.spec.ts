import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page } from '@playwright/test'
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
  return block.locator('xpath=following-sibling::section[1]')
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
  await expect(page.getByText('The model ended it by itself.')).toBeVisible()
  const loaded = page.waitForResponse((answer) => answer.url().endsWith('/python.wasm'))

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
    expect(world.heard()).toBe(0)
    expect(await context.cookies()).toEqual(cookies)
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
