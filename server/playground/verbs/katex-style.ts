import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

let made: Promise<string> | undefined

/** KaTeX's style sheet with its fonts inside, for pages that can fetch nothing. */
export function katexStyle(): Promise<string> {
  made ??= make().catch((error) => {
    made = undefined
    throw error
  })
  return made
}

async function make(): Promise<string> {
  const file = createRequire(import.meta.url).resolve('katex/dist/katex.min.css')
  const css = await readFile(file, 'utf8')
  const fonts = new Map<string, string>()
  for (const [, name = ''] of css.matchAll(/url\(fonts\/([\w-]+\.woff2)\)/g)) {
    if (!fonts.has(name)) {
      fonts.set(name, await readFile(join(dirname(file), 'fonts', name), 'base64'))
    }
  }
  return css.replaceAll(
    /src:url\(fonts\/([\w-]+\.woff2)\) format\("woff2"\)[^;}]*/g,
    (_, name: string) => `src:url(data:font/woff2;base64,${fonts.get(name)}) format("woff2")`,
  )
}
