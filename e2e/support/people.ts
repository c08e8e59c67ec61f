import type { Browser, BrowserContext, Page } from '@playwright/test'
import { signedIn } from './address.ts'

export const people = {
  ada: 'Ada Okafor',
  bo: 'Bo Lindqvist',
  lin: 'Lin Yue',
  grace: 'Grace Moreau',
} as const

export type Person = keyof typeof people

/** Signs in as one of the demo's people by choosing them, as a visitor does. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: new RegExp(people[person]) }).click()
  await page.waitForURL('**/access')
}

/** A browser of one's own for one of the people, for the product or another address of it. */
export async function browserOf(
  browser: Browser,
  person: Person,
  address: { baseURL?: string } = {},
): Promise<BrowserContext> {
  const storageState = person === 'ada' || person === 'grace' ? signedIn[person] : undefined
  const context = await browser.newContext({ ...address, storageState })
  if (storageState) return context
  const page = await context.newPage()
  await signIn(page, person)
  await page.close()
  return context
}
