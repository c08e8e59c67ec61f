import { expect } from '@playwright/test'
import { expectAccessibleState } from './support/accessible.ts'
import { readyBinding } from './support/api.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

test('answers to one question are voted on, compared with what is expected, and found again elsewhere', async ({
  browser,
}) => {
  const context = await browserOf(browser, 'ada')
  await readyBinding(context, await browserOf(browser, 'grace'))
  const page = await context.newPage()
  await page.goto('/playground?preset=mathematics')
  await page.getByTestId('prompt').fill('Compute the integral of x^2 from 0 to 3.')
  await page.getByText('System prompt and sampling').click()
  await page.getByLabel('Number of answers').selectOption('3')
  await page.getByRole('button', { name: /^Ask/ }).click()
  await page.waitForURL('**conversation=**')

  const vote = page.getByTestId('vote')
  await expect(vote).toBeVisible()
  // Two of three decide: the third is counted too, or stopped.
  await expect(vote.getByTestId('vote-summary')).toHaveText(/^(Leads by|Decided)/)
  const leader = vote.getByTestId('vote-group')
  await expect(leader).toHaveCount(1)
  await expect(leader.locator('.katex')).toContainText('9')

  await vote.getByLabel('Expected answer').fill('18/2')
  await expect(leader.getByText('As expected')).toBeVisible()
  await vote.getByLabel('Expected answer').fill('3^3')
  await expect(leader.getByText('Not as expected')).toBeVisible()

  const answers = leader.getByRole('checkbox')
  await answers.nth(0).check()
  await answers.nth(1).check()
  await expect(vote.getByText(/^(The reasoning differs|Both answers reason alike)/)).toBeVisible()
  await expectAccessibleState(page, 'a vote')

  const elsewhere = await context.newPage()
  await elsewhere.goto(page.url())
  await elsewhere.getByRole('button', { name: 'Vote', exact: true }).click()
  await expect(elsewhere.getByTestId('vote-group')).toHaveCount(1)
  await elsewhere.getByTestId('vote').getByRole('button', { name: 'Answer 2', exact: true }).click()
  await expect(elsewhere).toHaveURL(/answer=/)
})
