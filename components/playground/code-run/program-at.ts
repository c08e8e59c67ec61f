import { runnableLanguage } from '#server/playground/model/code-bounds.ts'
import type { Program } from './code-runner.ts'

/** The program whose button to run it was clicked. */
export function programAt(target: EventTarget | null): Program | undefined {
  const button = target instanceof Element ? target.closest('[data-run]') : null
  const figure = button?.closest('figure')
  const code = figure?.querySelector('code')?.textContent
  const language = runnableLanguage(figure?.querySelector('figcaption span')?.textContent ?? '')
  return code && language ? { language, code } : undefined
}
