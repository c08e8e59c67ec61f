import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureChromium } from './support/ensure-chromium.ts'

/**
 * `npm test`: everything that has to be true of a commit, in the order in which a mistake is cheapest to find. Every
 * part runs even where an earlier one failed; the last line counts tests, and each of the other checks as one.
 */
const root = join(import.meta.dirname, '..')
const results = join(root, 'test-results')
const bin = (name: string) => join(root, 'node_modules/.bin', name)

type Count = { passed: number; failed: number }

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })

const unitReport = join(results, 'unit.json')
const contractReport = join(results, 'contract.json')
const browserReport = join(results, 'browser.json')
const vitest = ['run', '--root', '.', '--reporter=default', '--reporter=json']

const counts: Count[] = [
  // First: what reads the configuration of the browser tests, as knip does, needs a browser to be there.
  check('browser is there', process.execPath, ['-e', '0'], ensureChromium),
  check('lint', bin('biome'), ['ci', '.']),
  check('types', bin('tsc'), ['-p', '.']),
  check('unused', bin('knip'), []),
  tests('unit and integration', unitReport, vitestCount, bin('vitest'), [
    ...vitest,
    '--config',
    'server/vitest.config.ts',
    `--outputFile.json=${unitReport}`,
  ]),
  tests('contract', contractReport, vitestCount, bin('vitest'), [
    ...vitest,
    '--config',
    'server/devcluster/contract/vitest.config.ts',
    `--outputFile.json=${contractReport}`,
  ]),
  tests('browser', browserReport, playwrightCount, bin('playwright'), [
    'test',
    '--config',
    'e2e/playwright.config.ts',
  ]),
]

const passed = counts.reduce((sum, count) => sum + count.passed, 0)
const failed = counts.reduce((sum, count) => sum + count.failed, 0)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function run(title: string, command: string, args: string[]): boolean {
  console.log(`\n── ${title}`)
  const startedAt = performance.now()
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  console.log(`── ${title}: ${status === 0 ? 'passed' : 'FAILED'} after ${seconds} s`)
  return status === 0
}

function check(title: string, command: string, args: string[], before?: () => void): Count {
  try {
    before?.()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return { passed: 0, failed: 1 }
  }
  return run(title, command, args) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** A runner that fails without one failed test (a file that does not load) counts as a failure of its own. */
function tests(
  title: string,
  report: string,
  countOf: (report: unknown) => Count,
  command: string,
  args: string[],
): Count {
  const fine = run(title, command, args)
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const count = countOf(JSON.parse(readFileSync(report, 'utf8')))
  return !fine && count.failed === 0 ? { ...count, failed: 1 } : count
}

function vitestCount(report: unknown): Count {
  const { numPassedTests, numFailedTests } = report as Record<string, number>
  return { passed: numPassedTests ?? 0, failed: numFailedTests ?? 0 }
}

function playwrightCount(report: unknown): Count {
  const { stats } = report as { stats: Record<string, number> }
  return { passed: stats.expected ?? 0, failed: (stats.unexpected ?? 0) + (stats.flaky ?? 0) }
}
