import { expect, test } from '@playwright/test'
import { errorOf, send } from './support/api.ts'
import { cluster } from './support/cluster.ts'
import { countingRun, serving } from './support/faults.ts'
import { browserOf } from './support/people.ts'

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
  await grace.getByLabel('Why').fill('Trying the gate.')
  await grace.getByRole('button', { name: 'Start the run' }).click()

  await grace.waitForURL(`**/runs/${serving}/**`)
  await expect(grace.getByText('Failed at verify-image')).toBeVisible({ timeout: 60_000 })
  await expect(grace.getByText('Trying the gate.')).toBeVisible()
  const steps = grace.getByRole('list', { name: 'Steps' })
  await expect(steps.getByRole('button', { name: /verify-image\s*Failed/ })).toBeVisible()
  await expect(
    steps.getByRole('button', { name: /pull-and-run\s*(Skipped|Cancelled)/ }),
  ).toBeVisible()
  await expect(grace.getByRole('log', { name: 'Log' })).toContainText(/no signatures found/i)
  // It is tried three times, and each attempt is in the log.
  const run = new URL(grace.url()).pathname
  const file = await (await grace.request.get(`/api${run}/log.txt`)).text()
  expect(file.match(/^\S+ verify-image Error: no signatures found$/gm)).toHaveLength(3)

  // Opened anew, as from a link, it begins at the same place.
  await grace.reload()
  await expect(grace.getByText('Failed at verify-image')).toBeVisible()
  await expect(grace.getByRole('log', { name: 'Log' })).toContainText(/no signatures found/i)
  expect(imageOf((await cluster(engine)).body)).toBe(imageBefore)
})

test('a run is cancelled, keeps its log, and is run again', async ({ browser }) => {
  const context = await browserOf(browser, 'grace')
  const grace = await context.newPage()
  const name = await countingRun(3000)
  await grace.goto(`/runs/${serving}/${name}`)
  const log = grace.getByRole('log', { name: 'Log' })
  await expect(log).toContainText(/line \d+ of 3000/)
  await grace.getByRole('button', { name: 'Cancel the run' }).click()
  await grace.getByRole('alertdialog').getByRole('button', { name: 'Cancel the run' }).click()
  await expect(grace.getByText('Cancelled', { exact: true }).first()).toBeVisible()
  // Its pod is deleted with it; what it said was kept while it streamed.
  await expect(grace.getByText(/^Ended · \d+ lines$/)).toBeVisible()
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
  await grace.getByRole('button', { name: 'Delete' }).click()
  await grace.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await grace.waitForURL('**/runs')
  // The cluster does not have it any more; what it was is on record.
  await expect
    .poll(async () => (await context.request.get(`/api${again}`)).json())
    .toMatchObject({ state: 'cancelled', goneAt: expect.any(String), can: [] })
})

function imageOf(deployment: unknown): string {
  const { spec } = deployment as {
    spec: { template: { spec: { containers: { image: string }[] } } }
  }
  return spec.template.spec.containers.map(({ image }) => image).join()
}
