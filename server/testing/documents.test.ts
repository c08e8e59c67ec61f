import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

test('every room of the server has a README that names the file to open first', () => {
  const folders = (parent: string) =>
    readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const rooms = [
    ...folders('server').map(({ name }) => `server/${name}`),
    ...folders('server/lab').map(({ name }) => `server/lab/${name}`),
  ].filter((room) => room !== 'server/lab' && room !== 'server/lab/postgres')
  const wrong = rooms.flatMap((room) => {
    const readme = `${room}/README.md`
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
    const named = [...text.matchAll(/`([\w./-]+\.(?:tsx?|ya?ml|json))`/g)].map(
      ([, path = '']) => path,
    )
    if (named.length === 0) return [readme]
    return named.flatMap((path) =>
      existsSync(join(room, path)) || existsSync(path) ? [] : [`${readme}: ${path}`],
    )
  })
  expect(wrong).toEqual([])
})
