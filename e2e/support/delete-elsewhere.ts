import { expect, type Page, type Request } from '@playwright/test'
import { send } from './api.ts'

/**
 * Deletes the conversation of this page while another page has it in its list, and opens it there. That page stays open:
 * what is answered tells, whenever it is asked, whether it asked for the answers more than once.
 */
export async function deleteElsewhere(page: Page): Promise<() => boolean> {
  const address = new URL(page.url())
  const other = await page.context().newPage()
  const lists = new Set<Request>()
  other.on('request', (request) => {
    if (request.url().includes('/api/conversations?')) lists.add(request)
  })
  other.on('requestfinished', (request) => lists.delete(request))
  other.on('requestfailed', (request) => lists.delete(request))
  await other.goto(address.href)
  await expect(other.getByTestId('answer')).toBeVisible()
  await other.getByRole('button', { name: 'New conversation' }).click()
  await expect(other.getByTestId('answer')).toBeHidden()
  // The list that is on its way must not be without what is still to be opened.
  await expect.poll(() => lists.size).toBe(0)
  // Nobody is to see there what is deleted.
  await page.goto('/playground')
  const path = `/api/conversations/${address.searchParams.get('conversation')}`
  expect((await send(page.context(), 'DELETE', path)).ok()).toBe(true)
  let opened = 0
  other.on('request', (request) => {
    if (request.method() === 'GET' && request.url().includes(`${path}/events`)) opened++
  })
  const list = other.getByRole('navigation', { name: 'Conversations' })
  await list
    .getByRole('button', { name: /^Write a Python function/ })
    .first()
    .click()
  await expect(other.getByText('There is nothing here for you').first()).toBeVisible()
  return () => opened > 1
}
