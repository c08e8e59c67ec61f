import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { keepResult } from './keep-result.ts'
import { rounded } from './numbers.ts'

/**
 * `npm run bench -- compare-answers`: pairs per second and the slowest of them, in processor time of this process, and
 * what a worker of the page loads. The pairs are those of the tests, each with each of a sample of the others.
 */
const root = join(import.meta.dirname, '../..')
const others = 12

type Bundle = {
  compareAnswers: (a: string, b: string) => { verdict: string }
  tables: Record<string, [string, string][]>[]
}

async function bundled(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    minify: true,
    platform: 'browser',
    write: false,
  })
  return outputFiles[0]?.contents ?? new Uint8Array()
}

const worker = await bundled("export * from './components/playground/vote/tally.ts'")
const dir = mkdtempSync(join(tmpdir(), 'bench-compare-'))
const file = join(dir, 'answers.mjs')
const code = await bundled(`
export { compareAnswers } from './server/answers/compare-answers.ts'
import { numberPairs } from './server/answers/cases/numbers.ts'
import { expressionPairs } from './server/answers/cases/expressions.ts'
import { kindPairs } from './server/answers/cases/kinds.ts'
export const tables = [numberPairs, expressionPairs, kindPairs]
`)
writeFileSync(file, code)
const { compareAnswers, tables }: Bundle = await import(pathToFileURL(file).href)
rmSync(dir, { recursive: true })

const pairs = tables.flatMap((table) => Object.values(table).flat())
const texts = [...new Set(pairs.flatMap(([a, b]) => [a, b]))]
for (const [a, b] of pairs) compareAnswers(a, b)

const times: number[] = []
const verdicts = new Map<string, number>()
for (const [at, text] of texts.entries())
  for (let other = 0; other < others; other++) {
    const against = texts[(at + 1 + other * 71) % texts.length] ?? text
    const used = process.cpuUsage()
    const { verdict } = compareAnswers(text, against)
    times.push(process.cpuUsage(used).user / 1000)
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
  }
times.sort((a, b) => a - b)
const at = (share: number) =>
  rounded(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0, 2)
const total = times.reduce((a, b) => a + b, 0)
const row = {
  pairs: times.length,
  pairsPerSecond: rounded(times.length / (total / 1000), 0),
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  mostMs: at(1),
  decided: rounded(1 - (verdicts.get('undecided') ?? 0) / times.length, 2),
  workerKb: rounded(worker.length / 1000, 1),
  workerGzipKb: rounded(gzipSync(worker).length / 1000, 1),
}
console.table([row])
keepResult('compare-answers', row)
