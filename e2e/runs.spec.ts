import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { errorOf, send } from './support/api.ts'
import { cluster } from './support/cluster.ts'
import { countingRun, scriptRun, serving, startEngine, startSteps } from './support/faults.ts'
import { fillArchive } from './support/fill-archive.ts'
import { networkTo } from './support/network.ts'
import { browserOf } from './support/people.ts'
import { listen } from './support/spoken.ts'

const task = 'start-vibethinker-service'

test('an unsigned image is not started, and the run opens at the step that refused it', async ({
  browser,
}) => {
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const engine = `/apis/apps/v1/namespaces/${serving}/deployments/vibethinker-app`
  const imageBefore = imageOf((await cluster(engine)).body)
  await grace.goto('/tasks')
  await grace.locator(`a[href$="/${task}"]`).last().click()
  await grace.getByLabel('imageTag').fill('unsigned')
  await grace.getByRole('button', { name: 'Start the run' }).click()
  await expect(grace.getByText('Say why, in a few words.')).toBeVisible()
  await grace.getByLabel('Why', { exact: true }).fill('Trying the gate.')
  await grace.getByRole('button', { name: 'Show what will run' }).click()
  await expect(grace.getByRole('figure', { name: 'What will run' })).toContainText(
    /kind: TaskRun[\s\S]*name: imageTag\s+value: unsigned/,
  )
  await grace.getByRole('button', { name: 'Start the run' }).click()

  await grace.waitForURL(`**/runs/${serving}/**`)
  await expect(grace.getByText('Failed at verify-image')).toBeVisible()
  await expect(grace.getByText('Trying the gate.', { exact: true })).toBeVisible()
  const steps = grace.getByRole('list', { name: 'Steps' })
  await expect(steps.getByRole('button', { name: /verify-image\s*Failed/ })).toBeVisible()
  await expect(
    steps.getByRole('button', { name: /pull-and-run\s*(Skipped|Cancelled)/ }),
  ).toBeVisible()
  await expect(grace.getByRole('log', { name: 'Log' })).toContainText(/no signatures found/i)
  const card = grace.getByRole('region', { name: 'Why it failed' })
  await expect(card).toContainText('The image carries no signature that the cluster’s key accepts')
  await expect(card.getByRole('figure', { name: 'What it said' })).toContainText(
    'Error: no signatures found',
  )
  await expect(grace.getByText('Attempt 3', { exact: true })).toBeVisible()
  await expect(grace.getByRole('list', { name: /What the cluster said/ })).toContainText('Failed')
  // It is tried three times, and each attempt is in the log.
  const run = new URL(grace.url()).pathname
  const file = await (await grace.request.get(`/api${run}/log.txt`)).text()
  expect(file.match(/^\S+ verify-image Error: no signatures found$/gm)).toHaveLength(3)

  // Opened anew, as from a link, it begins at the same place.
  await grace.reload()
  await expect(grace.getByText('Failed at verify-image')).toBeVisible()
  await expect(grace.getByRole('log', { name: 'Log' })).toContainText(/no signatures found/i)
  expect(imageOf((await cluster(engine)).body)).toBe(imageBefore)

  await grace.getByRole('link', { name: 'Edit and run again' }).click()
  await expect(grace.getByLabel('imageTag')).toHaveValue('unsigned')
  await expect(grace.getByLabel('Why', { exact: true })).toHaveValue('Trying the gate.')
})

test('an engine that starts and cannot answer fails its run; the digest before it brings it back', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, 'grace')).newPage()
  const engine = `/apis/apps/v1/namespaces/${serving}/deployments/vibethinker-app`
  const pins = `/api/v1/namespaces/${serving}/configmaps/bindery-engine-images`
  const { data } = (await cluster(pins)).body as { data: Record<string, string> }
  const broken = await startEngine('broken')
  await page.goto(`/runs/${serving}/${broken}`)
  await expect(page.getByText('Failed at wait-for-service')).toBeVisible()
  await expect(page.getByRole('log', { name: 'Log' })).toContainText(
    /The engine is ready, but answers no question: 500 .*no kernel image/,
  )
  expect(imageOf((await cluster(engine)).body)).toContain(data.broken)

  const back = await startEngine(data.dev ?? '')
  await page.goto(`/runs/${serving}/${back}`)
  await expect(page.getByText('Succeeded', { exact: true }).first()).toBeVisible({
    timeout: 60_000,
  })
  await expect(page.getByRole('log', { name: 'Log' })).toContainText(
    /It answered as bindery\/demo-solver, with \d+ tokens/,
  )
  expect(imageOf((await cluster(engine)).body)).toContain(data.dev)
})

/** Groups, colours, a progress bar, JSON, an error, and enough lines that most are not in the page. */
const variedScript = `#!/bin/sh
echo '::group::Install'
echo 'inside the group'
echo '::endgroup::'
printf '\\033[31mred words\\033[0m\\n'
printf '10%%\\r50%%\\r100%% done\\n'
echo '{"level":"warn","msg":"slow","ms":1200}'
echo 'Error: getaddrinfo ENOTFOUND registry.example.com'
awk 'BEGIN { for (i = 0; i < 3000; i++) print "line " i " of 3000" }'
exit 3
`

test('a log is searched, filtered, folded, and a link opens at its lines', async ({ browser }) => {
  const context = await browserOf(browser, 'grace')
  const page = await context.newPage()
  const name = await scriptRun(variedScript)
  await page.goto(`/runs/${serving}/${name}`)
  await expect(page.getByText(/^Ended · 3,007 lines/)).toBeVisible()
  const log = page.getByRole('log', { name: 'Log' })
  const card = page.getByRole('region', { name: 'Why it failed' })
  await expect(card).toContainText('The name registry.example.com could not be resolved')
  // It opens at the first error, not at its end.
  await expect(log.getByText('Error: getaddrinfo')).toBeInViewport()
  await expectAccessible(page, 'a run that failed, its card and its log')

  await expect(log.getByText('red words')).toHaveAttribute('style', /ansi-red/)
  await expect(log.getByText('100% done', { exact: true })).toBeVisible()
  await expect(log.getByText('inside the group')).toBeVisible()
  await log.getByRole('button', { name: 'Group Install' }).click()
  await expect(log.getByText('inside the group')).toBeHidden()
  await page.getByRole('button', { name: '1 warning', exact: true }).click()
  await expect(log.locator('[data-line]')).toHaveCount(1)
  await log.getByRole('button', { name: 'Open this JSON line' }).click()
  await expect(log.getByText('"ms": 1200')).toBeVisible()
  await page.getByRole('button', { name: '1 warning', exact: true }).click()

  const search = page.getByRole('searchbox', { name: 'Search the log' })
  await search.fill('LINE 29')
  await expect(page.getByText('1 of 111')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByText('2 of 111')).toBeVisible()
  await expect(log.locator('[aria-current]')).toContainText('line 290 of 3000')
  await page.getByRole('button', { name: 'Match case' }).click()
  await expect(page.getByText('not found')).toBeVisible()
  await page.getByRole('button', { name: 'Match case' }).click()
  await page.getByRole('button', { name: 'Regular expression' }).click()
  await search.fill('line 2[0-9]{3} of')
  await expect(page.getByText('1 of 1000')).toBeVisible()
  await expectAccessible(page, 'a log that is searched')
  await search.fill('line (')
  await expect(page.getByText('not an expression')).toBeVisible()
  await search.fill('e 29.9 ')
  await page.getByRole('button', { name: 'Show only what matches' }).click()
  await expect(log.locator('[data-line]')).toHaveCount(10)
  await expect(page).toHaveURL(/q=e\+29\.9\+&re=1&only=1/)

  // The address alone shows the same to somebody else.
  await page.reload()
  await expect(log.locator('[data-line]')).toHaveCount(10)
  await page.goto(`/runs/${serving}/${name}?times=utc#L1500-L1502`)
  await expect(log.getByText('line 1492 of 3000', { exact: true })).toBeInViewport()
  await log.focus()
  await page.keyboard.press('j')
  await expect(page).toHaveURL(/#L1501$/)
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys of the log' })
  await expect(keys).toBeVisible()
  await expectAccessible(page, 'the keys of a log')
  await page.keyboard.press('Escape')
  // Also for who does not know that there is a key for it.
  await page.getByRole('button', { name: 'Keys', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(keys).toBeVisible()
  await page.keyboard.press('Escape')

  // What a reader selects is the text alone.
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await log.evaluate((element) => {
    const rows = [...element.querySelectorAll('[data-line]')].slice(20, 23)
    const [first = element, , last = element] = rows
    getSelection()?.setBaseAndExtent(first, 0, last, last.childNodes.length)
  })
  await page.keyboard.press('Control+c')
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied.split('\n').filter(Boolean)).toHaveLength(3)
  expect(copied).toMatch(/^(line \d+ of 3000\n*){3}$/)
})

test('whatever a network does on the way, the page holds what the cluster’s own log API prints', async ({
  browser,
  baseURL,
}) => {
  const context = await browserOf(browser, 'grace')
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const network = await networkTo(`${baseURL}`)
  const page = await context.newPage()
  const name = await scriptRun(`#!/bin/sh
awk 'BEGIN { for (i = 0; i < 20000; i++) print i "\\t数 é  trailing " (i % 7 == 0 ? "\\n" : "") }'
printf 'no line break at the end'
`)
  // Only the stream carries so much: it is dropped in the middle of what it says, and again after it came back.
  network.dropAfter(400_000, 2)
  await page.goto(`${network.url}/runs/${serving}/${name}`)
  await expect(page.getByText(/^Ended · /)).toBeVisible()
  expect(network.dropped()).toBe(2)

  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(page.getByText('Copied')).toBeVisible()
  const shown = await page.evaluate(() => navigator.clipboard.readText())
  const { body } = await cluster(
    `/api/v1/namespaces/${serving}/pods/${name}-pod/log?container=step-count`,
  )
  expect(shown).toBe(body)
  await network.close()
})

test('a run is cancelled, keeps its log, and is run again', async ({ browser }) => {
  const context = await browserOf(browser, 'grace')
  const grace = await context.newPage()
  const name = await countingRun(3000)
  await grace.goto(`/runs/${serving}/${name}`)
  const log = grace.getByRole('log', { name: 'Log' })
  await expect(log).toContainText(/line \d+ of 3000/)
  // Some fifty lines a second are not read out one by one: what is said of a hundred is how many there are, if anything.
  const heard = await listen(grace)
  const last = async () => Number(/line (\d+) of 3000\D*$/.exec(`${await log.textContent()}`)?.[1])
  const begun = await last()
  await expect.poll(last).toBeGreaterThan(begun + 100)
  const said = (await heard()).filter((text) => text.startsWith('Log:') || /line \d/.test(text))
  expect(said.length).toBeLessThanOrEqual(1)
  await grace.getByRole('button', { name: 'Cancel the run' }).click()
  await grace.getByRole('alertdialog').getByRole('button', { name: 'Cancel the run' }).click()
  await expect(grace.getByText('Cancelled', { exact: true }).first()).toBeVisible()
  // Its pod is deleted with it; what it said was kept while it streamed.
  await expect(grace.getByText(/^Ended · \d+ lines$/)).toBeVisible()
  await expect
    .poll(async () => (await heard()).filter((text) => text.startsWith('Log:')).at(-1))
    .toMatch(/^Log: Ended · \d+ lines$/)
  await grace.reload()
  await expect(log).toContainText(/line \d+ of 3000/)

  const twice = await send(context, 'POST', `/api/runs/${serving}/${name}/cancel`, {})
  expect(twice.status()).toBe(409)
  expect((await errorOf(twice)).message).toContain('ended already')

  await grace.getByRole('button', { name: 'Run again' }).click()
  await grace.waitForURL((url) => !url.pathname.endsWith(`/${name}`))
  await expect(log).toContainText('line 0 of 3000')
  const again = new URL(grace.url()).pathname
  expect((await send(context, 'POST', `/api${again}/cancel`, {})).status()).toBe(200)
  await expect(grace.getByText('Cancelled', { exact: true }).first()).toBeVisible()
  const list = await context.newPage()
  const open = await context.newPage()
  await list.goto('/runs')
  const row = list.getByRole('row').filter({ hasText: again.split('/').at(-1) ?? '' })
  await expect(row.getByText('Cancelled', { exact: true })).toBeVisible()
  await open.goto(again)
  await expect(open.getByText(/^Ended · \d+ lines$/)).toBeVisible()
  await grace.getByRole('button', { name: 'Delete' }).click()
  await grace.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await grace.waitForURL('**/runs')
  // The cluster does not have it any more; what it was is on record.
  await expect
    .poll(async () => (await context.request.get(`/api${again}`)).json())
    .toMatchObject({ state: 'cancelled', goneAt: expect.any(String), can: [] })
  // Whoever looks at it is told at once, and keeps what is on the page.
  await expect(row.getByText('No longer in the cluster')).toBeVisible()
  await expect(open.getByText('No longer in the cluster')).toBeVisible()
  await expect(open.getByRole('log', { name: 'Log' })).toContainText('line 0 of 3000')
})

test('a sidecar is read beside the steps, alone, or with them by time', async ({ browser }) => {
  const page = await (await browserOf(browser, 'grace')).newPage()
  const name = await startSteps(
    [{ name: 'work', script: '#!/bin/sh\nsleep 1; echo worked\n' }],
    [
      { name: 'db', script: '#!/bin/sh\necho db is up; sleep 60\n' },
      { name: 'still', script: '#!/bin/sh\nsleep 60\n' },
    ],
  )
  await page.goto(`/runs/${serving}/${name}?container=sidecar-still`)
  // However far the run is by now.
  const state =
    /^sidecar-still (has not started yet|runs and has said nothing yet|ended without a word)\.$/
  await expect(page.getByText(state)).toBeVisible()
  const log = page.getByRole('log', { name: 'Log' })
  await page.getByLabel('Whose log').selectOption('Everything, by time')
  await expect(log).toContainText(/db is up[\s\S]*worked/, { timeout: 40_000 })
  await expect(page).toHaveURL(/container=all/)
  await expect(page.getByText(/^Ended · /)).toBeVisible({ timeout: 40_000 })
  await page.reload()
  await expect(log).toContainText(/db is up[\s\S]*worked/)
  await page.getByLabel('Whose log').selectOption('sidecar: sidecar-db')
  await expect(log.locator('[data-line]')).toHaveText([/db is up/])
  const file = await page.request.get(`/api/runs/${serving}/${name}/log.txt?container=all`)
  expect(await file.text()).toMatch(/sidecar-db db is up\n(.*\n)*\S+ work worked\n/)
})

test('a log that is larger than its page is read, searched, linked and downloaded whole', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, 'grace')).newPage()
  const rows = 450_000
  const name = `large-${Date.now()}`
  await fillArchive(name, rows)
  const address = `/runs/${serving}/${name}`
  await page.goto(address)
  await expect(page.getByText('250,000 rows before these are not in this page.')).toBeVisible({
    timeout: 40_000,
  })
  const log = page.getByRole('log', { name: 'Log' })
  await expect(log.getByText(`row ${rows}`, { exact: true })).toBeInViewport()

  // Two of four are not in the page: the server finds them, and the way leads to them.
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('NEEDLE')
  await expect(page.getByText('3 of 4')).toBeVisible()
  await page.getByRole('button', { name: 'Previous match' }).click()
  await expect(log.getByText('needle in row 200000')).toBeInViewport()
  await expect(page.getByText('2 of 4')).toBeVisible()
  await page.getByRole('button', { name: 'Next match' }).click()
  await expect(log.getByText('needle in row 300000')).toBeInViewport()
  await page.getByRole('button', { name: 'Next match' }).click()
  await page.getByRole('button', { name: 'Next match' }).click()
  await expect(log.getByText('needle in row 100000')).toBeInViewport()
  await expect(page).toHaveURL(/q=NEEDLE.*#L100000$/)
  await page.getByRole('button', { name: 'Rows after' }).click()
  await expect(log.getByText('row 101500', { exact: true })).toBeInViewport()

  await page.goto(`${address}#L123456`)
  await expect(log.getByText('row 123456', { exact: true })).toBeInViewport()
  await page.getByRole('button', { name: 'Back to the end' }).click()
  await expect(log.getByText(`row ${rows}`, { exact: true })).toBeInViewport()
  await page.getByRole('button', { name: 'Go to the beginning' }).click()
  await expect(log.getByText('row 1', { exact: true })).toBeInViewport()

  const file = await page.request.get(`/api${address}/log.txt?format=plain`)
  const lines = (await file.text()).split('\n')
  expect([lines.length, lines[0], lines[rows - 1]]).toEqual([rows + 1, 'row 1', `row ${rows}`])
})

function imageOf(deployment: unknown): string {
  const { spec } = deployment as {
    spec: { template: { spec: { containers: { image: string }[] } } }
  }
  return spec.template.spec.containers.map(({ image }) => image).join()
}
