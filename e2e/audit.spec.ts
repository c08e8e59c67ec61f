import { type APIResponse, expect } from '@playwright/test'
import type { BindingView } from '#server/access/views/binding.ts'
import type { WebhookView } from '#server/audit/views/audit-views.ts'
import { expectAccessibleState } from './support/accessible.ts'
import { bindingAt, send, wish } from './support/api.ts'
import { askForAccess } from './support/binding.ts'
import { cluster, list, removeBindings } from './support/cluster.ts'
import { openNetwork } from './support/grounds.ts'
import { browserOf } from './support/people.ts'
import { tellDenials } from './support/receiver.ts'
import { test } from './support/test.ts'

test('what happened is on record: searched, opened, verified, exported, and read by those whom it concerns', async ({
  browser,
}) => {
  await removeBindings()
  const closeNetwork = await openNetwork()
  const place = await tellDenials()
  const adas = await browserOf(browser, 'ada')
  const graces = await browserOf(browser, 'grace')
  const ada = await adas.newPage()
  const grace = await graces.newPage()
  const path = await askForAccess(ada)
  await grace.goto(path)
  await grace.getByLabel('Comment').fill('Name the course, please.')
  await grace.getByRole('button', { name: 'Deny' }).click()
  await expect(ada.getByText('“Name the course, please.”').first()).toBeVisible()

  await test.step('the administrator searches; the address reproduces what is found', async () => {
    await grace.getByRole('link', { name: 'Audit' }).click()
    await grace.getByLabel('Words').fill('name the course')
    await grace.getByLabel('Namespace').fill('research-team-a')
    await grace.keyboard.press('Enter')
    await expect(grace).toHaveURL(/text=name\+the\+course/)
    await grace.reload()
    const row = grace.getByRole('row', { name: /Denied/ }).first()
    await expect(row).toContainText('grace')
    await row.getByRole('button', { name: /Open record/ }).click()
    const dialog = grace.getByRole('dialog')
    await expect(dialog.getByText(/"digest": "sha256:/)).toBeVisible()
    await expect(dialog.getByText(/"requestId": "/)).toBeVisible()
    await expect(dialog.getByText(/^[0-9a-f]{64}$/)).toHaveCount(2)
    await expect(grace).toHaveURL(/record=\d+/)
    await grace.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
  })

  await test.step('it is verified and exported', async () => {
    await grace.getByRole('button', { name: 'Verify now' }).click()
    await expect(grace.getByText(/Verified up to #\d+/)).toBeVisible()
    const csv = await graces.request.get('/api/audit/export.csv?namespace=research-team-a')
    expect(csv.headers()['content-type']).toContain('text/csv')
    expect(await csv.text()).toMatch(/,denied,grace,ModelBinding,research-team-a,/)
    const lines = await graces.request.get('/api/audit/export.jsonl')
    const [newest = '', second = ''] = (await lines.text()).split('\n')
    expect(JSON.parse(newest).previous).toBe(JSON.parse(second).hash)
  })

  await test.step('a place that did not take its notice is told again', async () => {
    const told = grace.getByRole('region', { name: 'Notices by webhook' })
    // The page asks for it now and then; what a reader finds who comes afterwards is what is tested.
    const state = async () => {
      const states: WebhookView[] = await (await graces.request.get('/api/audit/webhooks')).json()
      return states.map(({ name, sent, pending, dead }) => ({ name, sent, pending, dead }))
    }
    await expect.poll(state).toEqual([{ name: 'e2e', sent: 0, pending: 0, dead: 1 }])
    await grace.reload()
    await expect(told.getByText('1 given up')).toBeVisible()
    await expect(told.getByText(/^It answered 410/)).toBeVisible()
    place.mend()
    await told.getByRole('button', { name: /^Send the notice/ }).click()
    await expect(told.getByText('1 given up')).toBeHidden()
    await expect.poll(() => place.taken()).toEqual(['binding.denied'])
    await expect.poll(state).toEqual([{ name: 'e2e', sent: 1, pending: 0, dead: 0 }])
    await grace.reload()
    await expect(told.getByText('1 delivered, 0 waiting')).toBeVisible()
    await place.close()
  })

  await test.step('whoever decides is told that the network keeps nobody from the model', async () => {
    await grace.goto('/approvals')
    await expect(grace.getByText('This cluster does not enforce NetworkPolicies')).toBeVisible()
    await expectAccessibleState(grace, 'approvals in a network without policies')
    await closeNetwork()
    await grace.goto('/audit')
  })

  await test.step('what comes meanwhile is told, and does not move what is read', async () => {
    await grace.getByRole('button', { name: 'Clear' }).click()
    // Not what was found before: the whole list, which held none of this until now.
    const signedIn = grace.getByRole('row', { name: /Signed in/ }).first()
    await expect(signedIn).toBeVisible()
    await browserOf(browser, 'bo')
    await grace.getByRole('button', { name: /new record/ }).click()
    await expect(signedIn).toContainText('bo')
  })

  await test.step('a tenant reads its own binding’s history, and not the trail', async () => {
    await ada.reload()
    const history = ada.getByRole('list', { name: 'Audit trail' })
    await expect(history).toContainText('Denied grace')
    await expect(history).toContainText('Access requested ada')
    await expect(ada.getByRole('link', { name: 'Audit' })).toHaveCount(0)
    await ada.goto('/audit')
    await expect(
      ada
        .getByRole('alert')
        .getByText(/may not/)
        .first(),
    ).toBeVisible()
  })
})

test('one number leads from an answer of the web to every log, and the network was tried', async ({
  browser,
}) => {
  await removeBindings()
  const ada = await browserOf(browser, 'ada')
  const grace = await browserOf(browser, 'grace')
  const asked = await send(ada, 'POST', '/api/bindings', wish)
  const { namespace, name }: BindingView = await asked.json()
  const path = `/bindings/${namespace}/${name}`
  const wished = numberOf(asked)
  await expect
    .poll(async () => (await bindingAt(grace, path)).seal, { timeout: 40_000 })
    .toBeDefined()
  const { seal, generation } = await bindingAt(grace, path)
  const decision = { decision: 'approve', digest: seal?.digest, generation, comment: '' }
  const decided = numberOf(await send(grace, 'POST', `/api${path}/decision`, decision))
  await expect
    .poll(async () => (await bindingAt(ada, path)).state, { timeout: 40_000 })
    .toBe('ready')

  const onRecord = async (what: string, number: string) => {
    const found = await grace.request.get(`/api/audit?what=${what}&text=${number}`)
    return JSON.stringify(await found.json())
  }
  for (const [what, number] of [
    ['requested', wished],
    ['approved', decided],
    ['run-released', decided],
  ] as const) {
    await expect.poll(() => onRecord(what, number), { timeout: 40_000 }).toContain(number)
  }

  const serving = 'model-serving-prod'
  const runs = await cluster(`/apis/tekton.dev/v1/namespaces/${serving}/taskruns/${seal?.run}`)
  const run = runs.body as Run
  expect(run.metadata.annotations['bindery.dev/request-id']).toBe(decided)
  const step = `/api/v1/namespaces/${serving}/pods/${run.status.podName}/log?container=step-apply-plan`
  expect((await cluster(step)).body).toContain(`Request ${decided}`)
  await expect
    .poll(() => logsOf('bindery-system', 'bindery-controller'), { timeout: 40_000 })
    .toContain(`"requestId":"${decided}"`)

  const checked = await send(ada, 'POST', `/api${path}/test`)
  expect(checked.status()).toBe(200)
  await expect
    .poll(() => logsOf(serving, 'bindery-gateway'), { timeout: 40_000 })
    .toContain(`"requestId":"${numberOf(checked)}"`)

  const service = `/apis/bindery.dev/v1alpha1/namespaces/${serving}/modelservices/vibethinker`
  await expect
    .poll(async () => JSON.stringify((await cluster(service)).body), { timeout: 40_000 })
    .toMatch(/"type":"NetworkEnforced","status":"True"/)
  for (const context of [ada, grace]) await context.close()
})

type Run = {
  metadata: { annotations: Record<string, string> }
  status: { podName: string }
}

function numberOf(answer: APIResponse): string {
  const number = answer.headers()['x-request-id'] ?? ''
  expect(number).toMatch(/^[0-9a-f-]{36}$/)
  return number
}

async function logsOf(namespace: string, app: string): Promise<string> {
  const query = new URLSearchParams({ labelSelector: `app.kubernetes.io/name=${app}` })
  const pods = await list(`/api/v1/namespaces/${namespace}/pods?${query}`)
  const logs = pods.map(({ metadata }) =>
    cluster(`/api/v1/namespaces/${namespace}/pods/${metadata.name}/log`),
  )
  return (await Promise.all(logs)).map(({ body }) => textOf(body)).join('\n')
}

/** A log of one line reads as the JSON that it is. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}
