import { expect } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { errorOf, send } from './support/api.ts'
import { cluster } from './support/cluster.ts'
import { countingRun, scriptRun, serving, startEngine } from './support/faults.ts'
import { expectQuickFirstLoad } from './support/first-load.ts'
import { browserOf } from './support/people.ts'
import { listen } from './support/spoken.ts'
import { test } from './support/test.ts'

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
  await expect(grace.getByText('Failed in step verify-image')).toBeVisible()
  await expect(grace.getByText('Trying the gate.', { exact: true })).toBeVisible()
  const steps = grace.getByRole('list', { name: 'Steps' })
  await expect(steps.getByRole('button', { name: /verify-image\s*Failed/ })).toBeVisible()
  await expect(steps.getByRole('button', { name: /pull-and-run\s*Did not run/ })).toBeVisible()
  await expect(grace.getByRole('log', { name: 'Log' })).toContainText(/no signatures found/i)
  const card = grace.getByRole('region', { name: 'Why it failed' })
  await expect(card).toContainText('The image carries no signature that the cluster’s key accepts')
  await expect(card.getByRole('figure', { name: 'What it said' })).toContainText(
    'Error: no signatures found',
  )
  await expect(grace.getByText('Attempt 3', { exact: true })).toBeVisible()
  // Grouped by what they are of: the run itself, and the pod of each attempt.
  const events = grace.getByRole('list', { name: /What the cluster said/ })
  await expect(events.filter({ hasText: 'Failed' })).not.toHaveCount(0)
  // It is tried three times, and each attempt is in the log.
  const run = new URL(grace.url()).pathname
  const file = await (await grace.request.get(`/api${run}/log.txt`)).text()
  expect(file.match(/^\S+ verify-image Error: no signatures found$/gm)).toHaveLength(3)

  // Opened anew, as from a link, it begins at the same place.
  const response = await grace.reload()
  await expect(grace.getByText('Failed in step verify-image')).toBeVisible()
  await expectQuickFirstLoad(grace, response)
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
  await expect(page.getByText('Failed in step wait-for-service')).toBeVisible()
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

test('a Task is given a Secret as a workspace by its name, and its value is nowhere but in the pod', async ({
  browser,
}) => {
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const name = `given-${Date.now()}`
  const metadata = { name }
  const value = 'known to the pod alone'
  await cluster(`/api/v1/namespaces/${serving}/secrets`, {
    method: 'POST',
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data: { said: Buffer.from(value).toString('base64') },
    },
  })
  // What it is told is looked at and not said.
  const script = `#!/bin/sh
test "$(cat $(workspaces.hush.path)/said)" = '${value}' && echo told
`
  await cluster(`/apis/tekton.dev/v1/namespaces/${serving}/tasks`, {
    method: 'POST',
    body: {
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata,
      spec: {
        workspaces: [{ name: 'hush' }],
        steps: [{ name: 'look', image: 'localhost/busybox:1', script }],
      },
    },
  })
  await grace.goto(`/tasks/${serving}/${name}`)
  await grace.getByLabel('hush', { exact: true }).selectOption('A Secret')
  await grace.getByLabel('Why', { exact: true }).fill('Trying a Secret.')
  await grace.getByRole('button', { name: 'Start the run' }).click()
  await expect(grace.getByText('Enter the name of an object in this namespace.')).toBeVisible()
  await grace.getByLabel('Name for hush').fill(name)
  await grace.getByRole('button', { name: 'Show what will run' }).click()
  const shown = grace.getByRole('figure', { name: 'What will run' })
  await expect(shown).toContainText(new RegExp(`secret:\\s+secretName: ${name}`))
  await grace.getByRole('button', { name: 'Start the run' }).click()

  await grace.waitForURL(`**/runs/${serving}/**`)
  await expect(grace.getByRole('log', { name: 'Log' })).toContainText('told')
  await expect(grace.getByText('Succeeded', { exact: true }).first()).toBeVisible()
  await expect(grace.getByText(`hush: secret ${name}`)).toBeVisible()
  for (const kind of ['tasks', 'secrets']) {
    const api = kind === 'tasks' ? '/apis/tekton.dev/v1' : '/api/v1'
    await cluster(`${api}/namespaces/${serving}/${kind}/${name}`, { method: 'DELETE' })
  }
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
  await expect(log).toContainText(/line \d+ of 3000/)
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
  await expect(open.getByRole('log', { name: 'Log' })).toContainText(/line \d+ of 3000/)
})

test('runs that have ended are chosen in the list and deleted together', async ({ browser }) => {
  const context = await browserOf(browser, 'grace')
  const page = await context.newPage()
  const names = [await scriptRun('#!/bin/sh\necho one\n'), await scriptRun('#!/bin/sh\nexit 1\n')]
  const at = await scriptRun('#!/bin/sh\nsleep 600\n')
  await page.goto('/runs')
  const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name })
  const gone = (name: string) => rowOf(name).getByText('No longer in the cluster')
  for (const name of names) await page.getByRole('checkbox', { name: `Choose ${name}` }).check()
  // What is at work is cancelled first.
  await expect(rowOf(at)).toBeVisible()
  await expect(rowOf(at).getByRole('checkbox')).toHaveCount(0)
  await expect(page.getByText('2 runs chosen')).toBeVisible()
  await expectAccessible(page, 'runs that are chosen')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const question = page.getByRole('alertdialog', { name: 'Delete 2 runs?' })
  for (const name of names) await expect(question.getByText(name)).toBeVisible()
  await question.getByRole('button', { name: 'Delete', exact: true }).click()
  for (const name of names) await expect(gone(name)).toBeVisible()
  await expect(question).toBeHidden()
  await expect(page.getByText('2 runs chosen')).toBeHidden()
  await expect(rowOf(at)).toBeVisible()
  await expect(gone(at)).toHaveCount(0)
  expect((await send(context, 'POST', `/api/runs/${serving}/${at}/cancel`, {})).status()).toBe(200)
})

test('a run of a Task that is not there says so, and has no steps or lines to come', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, 'grace')).newPage()
  const name = `lost-${Date.now()}`
  await cluster(`/apis/tekton.dev/v1/namespaces/${serving}/taskruns`, {
    method: 'POST',
    body: {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name },
      spec: { taskRef: { name: 'no-such-task' } },
    },
  })
  await page.goto(`/runs/${serving}/${name}`)
  const card = page.getByRole('region', { name: 'Why it failed' })
  await expect(card).toContainText('There is no Task no-such-task')
  await expect(page.getByText('It ended before a step began.')).toBeVisible()
  await expect(page.getByText('Ended · no lines')).toBeVisible()
  const height = async () => (await page.getByRole('log', { name: 'Log' }).boundingBox())?.height
  await expect.poll(height).toBeLessThan(100)
})

function imageOf(deployment: unknown): string {
  const { spec } = deployment as {
    spec: { template: { spec: { containers: { image: string }[] } } }
  }
  return spec.template.spec.containers.map(({ image }) => image).join()
}
