import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core'
import { baseURL } from './address.ts'
import { firefoxPath } from './firefox-path.ts'
import { type Person, people } from './people.ts'

const waitMs = 60_000

/** Driven by WebDriver BiDi, with scrollbars that take room, as most of its users on a desktop have them. */
export function launchFirefox(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxPath(),
    headless: true,
    defaultViewport: { width: 1440, height: 900 },
    extraPrefsFirefox: {
      'widget.gtk.overlay-scrollbars.enabled': false,
      'intl.accept_languages': 'en-US',
      'ui.prefersReducedMotion': 1,
    },
  })
}

/** One person's page, in a profile of its own; `faults` collects what a page would report to its console. */
export async function firefoxPage(
  browser: Browser,
  person: Person,
): Promise<{ page: Page; context: BrowserContext; faults(): Promise<string[]> }> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  page.setDefaultTimeout(waitMs)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.evaluateOnNewDocument(() => {
    // A frame without an origin has no storage, and answers for itself.
    if (origin === 'null') return
    const kept = sessionStorage.getItem('violations')
    const violations: string[] = kept ? JSON.parse(kept) : []
    document.addEventListener('securitypolicyviolation', (event) => {
      violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)
      sessionStorage.setItem('violations', JSON.stringify(violations))
    })
  })
  await page.goto(`${baseURL}/sign-in`)
  await page.locator(`::-p-text(${people[person]})`).click()
  await page.waitForFunction(() => location.pathname === '/access')
  return {
    page,
    context,
    async faults() {
      const violations = await page.evaluate(() => sessionStorage.getItem('violations'))
      return [...errors, ...(violations ? JSON.parse(violations) : [])]
    },
  }
}

/** Writes into a field as typing would, once React has taken it over. `selector`: CSS, or one of Puppeteer's own. */
export async function fillField(page: Page, selector: string, text: string): Promise<void> {
  const field = await page.waitForSelector(selector)
  await page.waitForFunction(
    (element) => element && Object.keys(element).some((key) => key.startsWith('__reactProps')),
    {},
    field,
  )
  await field?.evaluate((element, value) => {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return
    const { prototype } =
      element instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement
    // React keeps the field's own setter for itself, and takes no notice of what goes through that.
    Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(element, value)
    element.dispatchEvent(new Event('input', { bubbles: true }))
  }, text)
}

/** By the beginning of what is written on it: accessible names take seconds to be searched by over BiDi. */
export function button(words: string): string {
  return `::-p-xpath(//button[starts-with(normalize-space(.), "${words}")])`
}

/** The field of a label that begins so. */
export function labelled(words: string): string {
  return `::-p-xpath(//*[@id=(//label[starts-with(normalize-space(.), "${words}")]/@for)])`
}

/** Scrolls it into view and clicks it where it is, once it is there and can be seen. */
export async function press(page: Page, selector: string): Promise<void> {
  const element = await page.waitForSelector(selector, { visible: true })
  await element?.click()
}
