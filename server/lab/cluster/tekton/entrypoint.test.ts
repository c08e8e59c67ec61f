import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const program = fileURLToPath(new URL('./entrypoint.mjs', import.meta.url))

type Entry = { key: string; value: string; type: number }
type Outcome = { code: number; output: string; message: Entry[] }

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'entrypoint-'))
  mkdirSync(join(root, 'results'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Runs one step as its container would, the step's number giving its files. */
function step(index: number, flags: string[], command: string[]): Promise<Outcome> {
  const wait = index > 0 ? ['-wait_file', join(root, `${index - 1}`, 'out')] : []
  const termination = join(root, `termination-${index}`)
  const [entrypoint = '', ...rest] = command
  const args = [
    ...wait,
    '-post_file',
    join(root, `${index}`, 'out'),
    '-termination_path',
    termination,
    '-step_metadata_dir',
    join(root, 'steps', `step-${index}`),
    ...flags,
    '-entrypoint',
    entrypoint,
    '--',
    ...rest,
  ]
  const env = {
    ...process.env,
    TEKTON_RESULTS_DIR: join(root, 'results'),
    TEKTON_STEPS_DIR: join(root, 'steps'),
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      const text = existsSync(termination) ? readFileSync(termination, 'utf8') : '[]'
      const code = typeof error?.code === 'number' ? error.code : 0
      resolve({ code, output: stdout + stderr, message: JSON.parse(text) })
    })
  })
}

const sh = (script: string) => ['sh', '-c', script]
const entryOf = ({ message }: Outcome, key: string) =>
  message.find((entry) => entry.key === key)?.value

test('steps run in order, and one that fails skips the rest', async () => {
  const later = step(2, [], sh('echo never'))
  const second = step(1, [], sh('echo second; exit 3'))
  const first = step(0, [], sh('echo first'))
  expect(await first).toMatchObject({ code: 0, output: 'first\n' })
  expect(await second).toMatchObject({ code: 3, output: 'second\n' })
  const skipped = await later
  expect(skipped.code).toBe(1)
  expect(skipped.output).toMatch(/Skipping step because a previous step failed\n$/)
  expect(entryOf(skipped, 'Reason')).toBe('Skipped')
})

test('results travel in the termination message', async () => {
  const outcome = await step(0, ['-results', 'url,none'], sh(`printf x > ${root}/results/url`))
  expect(outcome.message).toEqual([
    { key: 'url', value: 'x', type: 1 },
    { key: 'StartedAt', value: expect.stringMatching(/^\d{4}-.*Z$/), type: 3 },
  ])
})

test('results that do not fit end the step', async () => {
  const script = `head -c 5000 /dev/zero | tr '\\0' a > ${root}/results/big`
  const outcome = await step(0, ['-results', 'big'], sh(script))
  expect(outcome.code).toBe(1)
  expect(outcome.output).toContain('Termination message is above max allowed size 4096')
})

test('a step that may fail records its code and the run goes on', async () => {
  const first = await step(0, ['-on_error', 'continue'], sh('exit 7'))
  expect(first.code).toBe(0)
  expect(entryOf(first, 'ExitCode')).toBe('7')
  expect(readFileSync(join(root, 'steps/step-0/exitCode'), 'utf8')).toBe('7')
  expect(await step(1, [], sh('echo on'))).toMatchObject({ code: 0, output: 'on\n' })
})

test('a step that takes too long is killed in time', async () => {
  const begin = Date.now()
  const outcome = await step(0, ['-timeout', '300ms'], ['sleep', '30'])
  expect(Date.now() - begin).toBeLessThan(20_000)
  expect(outcome.code).toBe(1)
  expect(outcome.output).toMatch(/context deadline exceeded\n$/)
  expect(entryOf(outcome, 'Reason')).toBe('TimeoutExceeded')
})

test('step results reach later commands: text, items, lists, keys', async () => {
  const results = join(root, 'steps/step-0/results')
  const write = `cd ${results}; printf a > s; printf '["x","y"]' > l; printf '{"k":"v"}' > o`
  const first = await step(0, ['-step_results', 's,l,o'], sh(write))
  expect(first.message.filter((entry) => entry.type === 4).map((entry) => entry.key)).toEqual([
    's',
    'l',
    'o',
  ])
  const command = ['s', 'l[1]', 'o.k', 'l[*]'].map((one) => `$(steps.0.results.${one})`)
  expect((await step(1, [], ['echo', ...command])).output).toBe('a y v x y\n')
})

test('a step runs only when its expressions hold', async () => {
  const when = (operator: string) => [
    '--when_expressions',
    JSON.stringify([{ input: 'a', operator, values: ['a', 'b'] }]),
  ]
  expect((await step(0, when('in'), sh('echo ran'))).output).toBe('ran\n')
  const skipped = await step(1, when('notin'), sh('echo ran'))
  expect(skipped).toMatchObject({ code: 0, output: '' })
  expect(entryOf(skipped, 'Reason')).toBe('Skipped')
  expect((await step(2, [], sh('echo on'))).output).toBe('on\n')
})

test('a command that is not there is named', async () => {
  const outcome = await step(0, [], ['no-such-command'])
  expect(outcome.code).toBe(1)
  expect(outcome.output).toContain(
    'Error executing command: exec: "no-such-command": executable file not found in $PATH',
  )
})

test('init leaves an entrypoint that starts this one, and decode-script decodes in place', async () => {
  const target = join(root, 'entrypoint')
  const script = join(root, 'script')
  writeFileSync(script, Buffer.from('echo hi').toString('base64'))
  const run = (file: string, args: string[]) =>
    new Promise<string>((resolve, reject) =>
      execFile(file, args, (error, _, stderr) => (error ? reject(error) : resolve(stderr))),
    )
  expect(await run(process.execPath, [program, 'init', program, target])).toMatch(
    /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Entrypoint initialization\n$/,
  )
  expect(await run(target, ['decode-script', script])).toContain(`Decoded script ${script}\n`)
  expect(readFileSync(script, 'utf8')).toBe('echo hi')
})
