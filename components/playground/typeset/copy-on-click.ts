import { putOnClipboard } from '#components/ui/put-on-clipboard.ts'

const saidMs = 2000

/** The copy buttons of code stand in typeset HTML: one listener on the document serves them all. */
export function copyOnClick(event: Event, labels: { copy: string; copied: string }): void {
  const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null
  const code = button?.closest('figure')?.querySelector('code')
  if (!button || !code) return
  void putOnClipboard(code.textContent ?? '').then(() => {
    button.textContent = labels.copied
    setTimeout(() => {
      button.textContent = labels.copy
    }, saidMs)
  })
}
