import { expect, type Page } from '@playwright/test'

export const justification = 'Comparing chains of thought on the AIME problems of this year.'

/** Asks for access as the form lets one: for the researcher's first namespace or this one, the rest as it is proposed. */
export async function askForAccess(
  page: Page,
  words = justification,
  namespace?: string,
  strategy?: 'EndpointSlice',
): Promise<string> {
  await page.goto('/access')
  await page.getByRole('link', { name: 'Request access' }).first().click()
  if (namespace) await page.getByLabel('Namespace').selectOption(namespace)
  await page.getByLabel('Justification').fill(words)
  if (strategy) await page.getByRole('radio', { name: strategy }).check()
  await page.getByRole('button', { name: 'Send the request' }).click()
  await page.waitForURL('**/bindings/**')
  await expect(page.getByText('Pending approval', { exact: true })).toBeVisible()
  return new URL(page.url()).pathname
}

/** Reads the plan and approves it. */
export async function approve(page: Page, path: string, comment = 'Go ahead.'): Promise<void> {
  await page.goto(path)
  await expect(page.getByTestId('plan-digest')).toHaveText(/^sha256:[0-9a-f]{64}$/)
  await page.getByLabel('Comment').fill(comment)
  await page.getByRole('button', { name: 'Approve and run' }).click()
}

export async function expectReady(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Call it' })).toBeVisible()
}
