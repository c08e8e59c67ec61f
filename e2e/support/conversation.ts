import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'

/** Begins a new one, and waits until what was written in the old one is not what is typed in any more. */
export async function newConversation(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).click()
  await expect(page.getByRole('list', { name: 'Conversation', exact: true })).toHaveCount(0)
}

/**
 * A first answer, a question after it, the first one in other words, one side by side, files, search, a name of its own,
 * and gone for good.
 */
export async function goThroughConversation(page: Page): Promise<void> {
  const boxed = page.getByTestId('boxed')
  const prompt = page.getByTestId('prompt')
  await newConversation(page)
  await page.getByRole('button', { name: 'An equation' }).click()
  await page.getByRole('button', { name: /^Ask/ }).click()
  await expect(boxed).toHaveCount(1)
  await prompt.fill('Find gcd(1914, 899).')
  await page.reload()
  // What was typed is there again.
  await expect(prompt).toHaveValue('Find gcd(1914, 899).')
  await expect(boxed).toHaveCount(1)
  await page.getByRole('button', { name: /^Ask/ }).click()
  await expect(boxed).toHaveCount(2)
  await expect(boxed.last()).toHaveAttribute('data-latex', '29')
  await expect(prompt).toHaveValue('')

  const edit = page.getByRole('button', { name: 'Edit', exact: true }).first()
  await edit.click()
  const edited = page.getByRole('textbox', { name: 'Edit' })
  await expect(edited).toBeFocused()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(edit).toBeFocused()
  await edit.press('Enter')
  await edited.fill('Solve the equation x - 41 = 1.')
  await page.reload()
  await expect(edited).toHaveValue('Solve the equation x - 41 = 1.')
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(boxed).toHaveCount(1)
  await expect(boxed).toHaveAttribute('data-latex', /42/)
  await page.getByRole('button', { name: 'Previous wording' }).click()
  await expect(boxed).toHaveCount(2)
  await page.reload()
  await expect(boxed.last()).toHaveAttribute('data-latex', '29')

  const files = page.getByRole('navigation', { name: 'Export' })
  for (const [format, words] of [
    ['Markdown', '## Problem'],
    ['LaTeX', '\\end{document}'],
    ['HTML', 'class="katex"'],
    ['JSON', 'x - 41 = 1'],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      files.getByRole('link', { name: format }).click(),
    ])
    expect(await readFile(await download.path(), 'utf8')).toContain(words)
  }

  await page.route('**/export?**', (route) => route.abort('connectionreset'), { times: 1 })
  await files.getByRole('link', { name: 'HTML' }).click()
  const failed = page.getByRole('alert').filter({ hasText: 'Nothing of the HTML file was saved.' })
  await expect(failed).toBeVisible()
  const again = page.waitForEvent('download')
  await failed.getByRole('button', { name: 'Try again' }).click()
  expect((await again).suggestedFilename()).toMatch(/\.html$/)
  await expect(failed).toBeHidden()

  await newConversation(page)
  await prompt.fill('Compute the integral of x^2 from 0 to 3.')
  await page.getByText('System prompt and sampling').click()
  await page.getByLabel('Number of answers').selectOption('2')
  await page.getByRole('button', { name: /^Ask/ }).click()
  await expect(boxed).toHaveCount(2)
  await expect(boxed.first()).toHaveAttribute('data-latex', '9')
  // Side by side on a phone, the answers scroll and the page does not.
  const size = page.viewportSize()
  await page.setViewportSize({ width: 390, height: 844 })
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
    .toBeLessThanOrEqual(0)
  if (size) await page.setViewportSize(size)

  const list = page.getByRole('navigation', { name: 'Conversations' })
  await list.getByRole('searchbox').fill('1914')
  await expect(list.getByRole('listitem')).toHaveCount(1)
  await list.getByRole('button', { name: /^Rename/ }).click()
  await list.getByRole('textbox', { name: 'Conversations' }).fill('Divisors')
  await page.keyboard.press('Enter')
  await expect(list.getByRole('button', { name: /^Rename/ })).toBeFocused()
  await list.getByRole('button', { name: /^Divisors/ }).click()
  await list.getByRole('button', { name: 'Delete “Divisors”' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete for good' }).click()
  await expect(list.getByText('None of your conversations has these words.')).toBeVisible()
  await expect(list.getByRole('searchbox')).toBeFocused()
}
