import { expect, type Page } from '@playwright/test'
import { expectAccessibleState } from './support/accessible.ts'
import { bindingAt } from './support/api.ts'
import { askForAccess } from './support/binding.ts'
import { cluster, list } from './support/cluster.ts'
import { expectQuickFirstLoad } from './support/first-load.ts'
import { type Ground, makeGround } from './support/own-ground.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

/** A card, a registry and a busy cluster take their time; a demo needs none of it. */
const patience = 300_000
let ground: Ground | undefined

test.afterAll(() => ground?.drop())

test('asked, approved, run, used, revoked: each step is seen by those whom it concerns', async ({
  browser,
}) => {
  test.setTimeout(3 * patience)
  const adas = await browserOf(browser, 'ada')
  const graces = await browserOf(browser, 'grace')
  const { user } = await (await adas.request.get('/api/me')).json()
  ground = await makeGround(user)
  const { namespace, drop } = ground
  const services = `/api/v1/namespaces/${namespace}/services`
  const words = `To see that all of it works, from ${namespace}.`
  await expect
    .poll(async () => (await (await adas.request.get('/api/me')).json()).namespaces, {
      timeout: 60_000,
    })
    .toContain(namespace)
  const [ada, grace] = [await adas.newPage(), await graces.newPage()]
  await grace.goto(`/approvals?namespace=${namespace}`)
  await expect(grace.getByText('No request matches these filters')).toBeVisible()

  const path = await test.step('the researcher asks', async () => {
    const asked = await askForAccess(ada, words, namespace)
    const bindings = await list(`/apis/bindery.dev/v1alpha1/namespaces/${namespace}/modelbindings`)
    expect(bindings.map(({ metadata }) => asked.endsWith(metadata.name))).toEqual([true])
    return asked
  })

  await test.step('the admin sees it without reloading, reads the plan and approves', async () => {
    await expect(grace.getByText(words)).toBeVisible()
    await expect(grace.getByText('NetworkPolicy', { exact: true })).toBeVisible()
    await expect(grace.getByTestId('plan-digest')).toHaveText(/^sha256:/)
    await grace.getByLabel('Comment').fill('Welcome.')
    await expect(grace.getByText('it gives this digest')).toBeVisible()
    await expectAccessibleState(grace, 'a request with its plan')
    await grace.getByRole('button', { name: 'Approve and run' }).click()
    await grace.getByRole('link', { name: 'Open its page' }).click()
  })

  await test.step('both follow the run live, also after a reload', async () => {
    for (const page of [ada, grace]) await expectLog(page)
    const response = await ada.reload()
    await expectLog(ada)
    await expectQuickFirstLoad(ada, response)
  })

  const alias = await test.step('the binding becomes ready, with its receipt', async () => {
    const callIt = ada.getByRole('heading', { name: 'Call it' })
    await expect(callIt).toBeVisible({ timeout: patience })
    await expect(ada.getByText(/Usable since .* first token in \d+ ms/)).toBeVisible()
    await expect(ada.getByText('“Welcome.”')).toBeVisible()
    const { asked, receipt } = await bindingAt(adas, path)
    const made = await cluster(`${services}/${asked.alias}`)
    expect(made.body).toMatchObject({ spec: { type: 'ExternalName' } })
    await ada.getByRole('button', { name: 'Test the connection' }).click()
    await expect(ada.getByText(`It answers: ${receipt?.model}`)).toBeVisible()
    return asked.alias
  })

  await test.step('the log of the run is what the cluster’s own log API prints', async () => {
    const { run } = await bindingAt(graces, path)
    const its = `/${run?.namespace}/${run?.name}`
    const printed: string[] = []
    const { body } = await cluster(
      `/apis/tekton.dev/v1/namespaces/${run?.namespace}/taskruns/${run?.name}`,
    )
    const { podName, steps } = (body as TaskRun).status
    for (const { container } of steps) {
      const log = `/api/v1/namespaces/${run?.namespace}/pods/${podName}/log?container=${container}`
      printed.push(String((await cluster(log)).body))
    }
    const shown = await graces.request.get(`/api/runs${its}/log.txt?format=plain`)
    expect(await shown.text()).toBe(printed.join(''))
  })

  await test.step('the playground solves an equation', async () => {
    await ada.getByRole('link', { name: 'Open the playground' }).click()
    await ada.getByRole('button', { name: 'An equation' }).click()
    await ada.getByRole('button', { name: /^Ask/ }).click()
    await expect(ada.getByTestId('reasoning')).toBeVisible({ timeout: patience })
    await expect(ada.getByTestId('boxed')).toBeVisible({ timeout: patience })
    await expect(ada.getByTestId('reasoning')).not.toHaveAttribute('open')
    expect(await ada.getByTestId('boxed').getAttribute('data-latex')).toMatch(/2.*3|3.*2/)
    await expect(ada.getByTestId('boxed').locator('.katex').first()).toBeVisible()
    await expect(ada.getByText('Tokens per second')).toBeVisible()
    const answer = ada.url()
    await ada.reload()
    expect(ada.url()).toBe(answer)
    await expect(ada.getByTestId('boxed')).toBeVisible()
  })

  await test.step('the admin revokes, the run proves it, nothing answers any more', async () => {
    await grace.goto(path)
    await grace.getByRole('button', { name: 'Revoke' }).click()
    await expectAccessibleState(grace, 'the question whether to revoke')
    await grace.getByLabel('Why').fill('It was a check.')
    await grace.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await expect(grace.getByText(/Removal verified at/)).toBeVisible({ timeout: patience })
    await expectAccessibleState(grace, 'a binding that was revoked')
    expect((await cluster(`${services}/${alias}`)).status).toBe(404)
    const again = await adas.request.post(`/api${path}/test`, {
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(again.ok()).toBe(false)
  })

  await test.step('with its namespace all of it goes', drop)
})

type TaskRun = { status: { podName: string; steps: { container: string }[] } }

async function expectLog(page: Page): Promise<void> {
  await expect(page.getByRole('log', { name: 'Log' })).toContainText(/\w/, { timeout: patience })
}
