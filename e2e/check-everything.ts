import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureBrowsers } from './support/ensure-browsers.ts'

/**
 * `npm test`: everything that has to be true of a commit, in the order in which a mistake is cheapest to find. Every
 * part runs even where an earlier one failed; the last line counts tests, and each of the other checks as one.
 */
const root = join(import.meta.dirname, '..')
const results = join(root, 'test-results')
const bin = (name: string) => join(root, 'node_modules/.bin', name)

type Count = { passed: number; failed: number; failures: string[] }
type Prints = 'live' | 'at the end'

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })

const unitReport = join(results, 'unit.json')
const contractReport = join(results, 'contract.json')
const vitest = ['run', '--root', '.', '--reporter=default', '--reporter=json']

const counts: Count[] = [
  // First: what reads the configuration of the browser tests, as knip does, needs a browser to be there.
  await check('browsers are there', process.execPath, ['-e', '0'], ensureBrowsers),
  await check('lint', bin('biome'), ['ci', '.']),
  await check('types', bin('tsc'), ['-p', '.']),
  await check('unused', bin('knip'), []),
  // The contract mostly waits, as long as the recorded cluster took: beside the rest it costs no time.
  ...(await Promise.all([unitThenBuild(), contract()])).flat(),
  ...(await browsers()),
]

const passed = counts.reduce((sum, count) => sum + count.passed, 0)
const failed = counts.reduce((sum, count) => sum + count.failed, 0)
// The names of what failed come last: far above, among what every part printed, nobody finds them.
const failures = counts.flatMap((count) => count.failures)
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function unitThenBuild(): Promise<Count[]> {
  const args = [...vitest, '--config', 'server/vitest.config.ts', `--outputFile.json=${unitReport}`]
  return [
    await tests('unit and integration', unitReport, vitestCount, bin('vitest'), args),
    await check('build', bin('tsx'), ['server/lab/demo/build.ts']),
  ]
}

function contract(): Promise<Count> {
  const config = 'server/lab/cluster/contract/vitest.config.ts'
  const args = [...vitest, '--config', config, `--outputFile.json=${contractReport}`]
  return tests('contract', contractReport, vitestCount, bin('vitest'), args, 'at the end')
}

/**
 * Against what ships: the images laid out in a folder of their own, with the build of this checkout out of reach, so that
 * what leans on it fails here and not where it is installed.
 */
async function browsers(): Promise<Count[]> {
  const images = mkdtempSync(join(tmpdir(), 'bindery-images-'))
  const assemble = ['server/lab/image/assemble.ts', images, 'all']
  const laidOut = await check('images are laid out', bin('tsx'), assemble)
  const putBack = putOutOfReach(['image', 'next'].map((name) => join(root, '.bindery', name)))
  try {
    const halves = [
      browser('story', 3999, 'live', images),
      browser('pages', 3998, 'at the end', images),
    ]
    return [laidOut, ...(await Promise.all(halves))]
  } finally {
    putBack()
    rmSync(images, { recursive: true, force: true })
  }
}

function putOutOfReach(folders: string[]): () => void {
  const moved = folders.filter(existsSync).map((folder) => [folder, `${folder}.away`] as const)
  for (const [folder, away] of moved) {
    rmSync(away, { recursive: true, force: true })
    renameSync(folder, away)
  }
  return () => {
    for (const [folder, away] of moved) if (!existsSync(folder)) renameSync(away, folder)
  }
}

/** One half of the browser tests, in a demo of its own: most of their time they wait. */
function browser(project: string, port: number, prints: Prints, images: string): Promise<Count> {
  const report = join(results, `${project}.json`)
  const args = ['test', '--config', 'e2e/playwright.config.ts', '--reporter', 'list,json']
  args.push('--project', project, '--output', join(results, project))
  return tests(`browser, ${project}`, report, playwrightCount, bin('playwright'), args, prints, {
    DEMO_PORT: String(port),
    DEMO_STATE: `.bindery/e2e-${project}`,
    DEMO_IMAGES: images,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  })
}

/** Prints as it goes, or, beside another part, all at once when it ends. */
async function run(
  title: string,
  command: string,
  args: string[],
  prints: Prints = 'live',
  env: Record<string, string> = {},
): Promise<boolean> {
  const startedAt = performance.now()
  if (prints === 'live') console.log(`\n── ${title}`)
  const stdio = prints === 'live' ? 'inherit' : 'pipe'
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', stdio, stdio],
  })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => output.push(chunk))
  }
  const [status] = await once(child, 'close')
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  if (prints === 'at the end') console.log(`\n── ${title}\n${Buffer.concat(output)}`)
  console.log(`── ${title}: ${status === 0 ? 'passed' : 'FAILED'} after ${seconds} s`)
  return status === 0
}

async function check(
  title: string,
  command: string,
  args: string[],
  before?: () => void,
): Promise<Count> {
  try {
    before?.()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return brokenPart(title)
  }
  return (await run(title, command, args))
    ? { passed: 1, failed: 0, failures: [] }
    : brokenPart(title)
}

function brokenPart(title: string): Count {
  return { passed: 0, failed: 1, failures: [title] }
}

/** A runner that fails without one failed test (a file that does not load) counts as a failure of its own. */
async function tests(
  title: string,
  report: string,
  countOf: (report: unknown) => Count,
  command: string,
  args: string[],
  prints: Prints = 'live',
  env: Record<string, string> = {},
): Promise<Count> {
  const fine = await run(title, command, args, prints, env)
  if (!existsSync(report)) return brokenPart(title)
  const count = countOf(JSON.parse(readFileSync(report, 'utf8')))
  if (fine || count.failed > 0) return count
  return { ...count, ...brokenPart(title), passed: count.passed }
}

type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[]
}

function vitestCount(report: unknown): Count {
  const { numPassedTests, numFailedTests, testResults } = report as VitestReport
  const failures = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => `${relative(root, name)} › ${fullName}`),
  )
  return { passed: numPassedTests, failed: numFailedTests, failures }
}

type PlaywrightSuite = {
  file: string
  specs?: { title: string; ok: boolean }[]
  suites?: PlaywrightSuite[]
}
type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number }
  suites: PlaywrightSuite[]
}

function playwrightCount(report: unknown): Count {
  const { stats, suites } = report as PlaywrightReport
  const failuresOf = ({ file, specs = [], suites: inner = [] }: PlaywrightSuite): string[] => [
    ...specs.filter(({ ok }) => !ok).map(({ title }) => `e2e/${file} › ${title}`),
    ...inner.flatMap(failuresOf),
  ]
  const failed = stats.unexpected + stats.flaky
  return { passed: stats.expected, failed, failures: suites.flatMap(failuresOf) }
}
