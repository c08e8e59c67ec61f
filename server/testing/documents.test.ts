import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const documents = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).trim().split('\n')

test('paths that documents name in full exist', () => {
  const missing = documents.flatMap((document) => {
    const text = readFileSync(document, 'utf8')
    const named = text.matchAll(/`((?:app|components|server|manifests|e2e|public)\/[\w./[\]-]+)`/g)
    return [...named].flatMap(([, path = '']) => (existsSync(path) ? [] : [`${document}: ${path}`]))
  })
  expect(missing).toEqual([])
})

test('relative links of documents lead somewhere', () => {
  const broken = documents.flatMap((document) => {
    const text = readFileSync(document, 'utf8')
    const links = text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)
    return [...links].flatMap(([, link = '']) =>
      existsSync(join(dirname(document), link)) ? [] : [`${document}: ${link}`],
    )
  })
  expect(broken).toEqual([])
})
