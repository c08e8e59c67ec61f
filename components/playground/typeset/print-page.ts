import { typesetForPaper } from './show-near.ts'

/** Prints the page with all of its mathematics: what is far from the window is its source until then. */
export async function printPage(): Promise<void> {
  await typesetForPaper(true)
  addEventListener('afterprint', () => void typesetForPaper(false), { once: true })
  print()
}
