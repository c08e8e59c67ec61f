import { expect } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { cluster } from './support/cluster.ts'
import { scriptRun, serving, startSteps } from './support/faults.ts'
import { fillArchive } from './support/fill-archive.ts'
import { networkTo } from './support/network.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

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

  // As it was written, or with time and step before each line.
  await page.getByRole('button', { name: 'Download', exact: true }).click()
  const timed = page.getByRole('menuitemcheckbox', { name: 'With times and steps' })
  const whole = page.getByRole('menuitem', { name: 'All steps' })
  await expect(timed).toBeChecked()
  await expect(whole).toHaveAttribute('href', /log\.txt$/)
  await timed.click()
  await expect(whole).toHaveAttribute('href', /log\.txt\?format=plain$/)
  await page.keyboard.press('Escape')

  // What a reader selects is the text alone.
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await log.evaluate((element) => {
    const rows = [...element.querySelectorAll('[data-line]')].slice(20, 23)
    const [first = element, , last = element] = rows
    getSelection()?.setBaseAndExtent(first, 0, last, last.childNodes.length)
  })
  await page.keyboard.press('Control+c')
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/^(line \d+ of 3000\n*){3}$/)
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
