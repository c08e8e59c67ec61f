#!/usr/bin/env node
// What Tekton's entrypoint binary does in a step's container: wait for the turn, run the command, tell the next step,
// leave results in the termination message. It is started through the shell script that `init` writes, which also
// names the directories of this container.
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const messageBytesMax = 4096
const pollMs = { first: 10, most: 100 }
const kinds = { taskResult: 1, internal: 3, stepResult: 4, artifacts: 5 }
const directories = {
  results: process.env.TEKTON_RESULTS_DIR ?? '/tekton/results',
  steps: process.env.TEKTON_STEPS_DIR ?? '/tekton/steps',
}

/** The step does not run because one before it failed. */
class SkipError extends Error {}
/** The step's time is over. */
class TimeoutError extends Error {}
/** The command ended with another code than 0. */
class ExitError extends Error {
  constructor(code) {
    super(`exit status ${code}`)
    this.code = code
  }
}

const commands = { init, 'decode-script': decodeScript }
const [first = '', ...others] = process.argv.slice(2)
if (Object.hasOwn(commands, first)) commands[first](...others)
else await main(parseFlags(process.argv.slice(2)))

async function main(flags) {
  try {
    await runStep(flags)
  } catch (error) {
    if (error instanceof SkipError) log('Skipping step because a previous step failed')
    else if (error instanceof TimeoutError) log('context deadline exceeded')
    else if (error instanceof ExitError) process.exit(flags.onError === 'continue' ? 0 : error.code)
    else log(`Error executing command: ${error.message}`)
    process.exit(1)
  }
  process.exit(0)
}

async function runStep(flags) {
  const output = []
  const note = (key, value) => output.push({ key, value, type: kinds.internal })
  const post = (failed) => {
    if (flags.postFile) writeFile(failed ? `${flags.postFile}.err` : flags.postFile, '')
  }
  const startedAt = () => note('StartedAt', new Date().toISOString())
  fs.mkdirSync(join(flags.metadataDir, 'results'), { recursive: true })
  fs.mkdirSync(join(flags.metadataDir, 'artifacts'), { recursive: true })

  let failure
  try {
    for (const file of flags.waitFiles) await waitFor(file, flags.waitContent)
    startedAt()
    const command = substituteStepResults(flags.command)
    if (runsWhen(flags.when)) await execute(command, flags)
    else note('Reason', 'Skipped')
    writeExitCode(flags, '0')
    post(false)
  } catch (error) {
    failure = error
    const continues = flags.onError === 'continue' && error instanceof ExitError
    if (error instanceof SkipError) {
      post(true)
      startedAt()
      note('Reason', 'Skipped')
    } else if (error instanceof TimeoutError) {
      post(true)
      note('Reason', 'TimeoutExceeded')
    } else if (continues) {
      note('ExitCode', String(error.code))
      writeExitCode(flags, String(error.code))
      post(false)
    } else post(true)
  }
  if (!(failure instanceof SkipError)) {
    const taskResults = readResults(directories.results, flags.results, kinds.taskResult)
    const stepResults = readResults(
      join(flags.metadataDir, 'results'),
      flags.stepResults,
      kinds.stepResult,
    )
    leaveMessage(flags, [...taskResults, ...stepResults], 'handling results')
    const provenance = join(flags.metadataDir, 'artifacts', 'provenance.json')
    const artifacts = readIfThere(provenance)
    if (artifacts !== undefined)
      output.push({ key: provenance, value: artifacts, type: kinds.artifacts })
  }
  leaveMessage(flags, output, 'writing message')
  if (failure) throw failure
}

/** Adds to the message; what does not fit ends the step, as the kubelet would cut it. */
function leaveMessage(flags, entries, doing) {
  if (entries.length === 0) return
  let before = []
  try {
    before = JSON.parse(readIfThere(flags.terminationPath) || '[]')
  } catch {
    // The command itself wrote there: its text is replaced.
  }
  const message = JSON.stringify([...before, ...entries])
  if (Buffer.byteLength(message) > messageBytesMax) {
    const msg = `Error while ${doing}: Termination message is above max allowed size 4096, caused by large task result.`
    process.stderr.write(`${JSON.stringify({ level: 'fatal', ts: Date.now() / 1000, msg })}\n`)
    process.exit(1)
  }
  fs.writeFileSync(flags.terminationPath, message)
}

function readResults(directory, names, type) {
  return names.flatMap((key) => {
    const value = readIfThere(join(directory, key))
    return value === undefined ? [] : [{ key, value, type }]
  })
}

/** Resolves when the file is there, and not empty where content is asked for. */
async function waitFor(file, content) {
  for (let ms = pollMs.first; ; ms = Math.min(ms * 1.1, pollMs.most)) {
    const found = fs.statSync(file, { throwIfNoEntry: false })
    if (found && (!content || found.size > 0)) return
    if (fs.existsSync(`${file}.err`)) throw new SkipError(file)
    await new Promise((resolve) => setTimeout(resolve, ms))
  }
}

function execute(command, { timeoutMs }) {
  if (command.length === 0) return Promise.resolve()
  const { TEKTON_NODE_OPTIONS: nodeOptions, ...env } = process.env
  delete env.TEKTON_RESULTS_DIR
  delete env.TEKTON_STEPS_DIR
  if (nodeOptions) env.NODE_OPTIONS = nodeOptions
  const [file, ...args] = command
  // In the container's own process group: what the command leaves behind ends with the container.
  const child = spawn(file, args, { stdio: 'inherit', env })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'])
    process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    let timedOut = false
    const timer =
      timeoutMs > 0 &&
      setTimeout(() => {
        timedOut = true
        child.kill('SIGKILL')
      }, timeoutMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      const why = error.code === 'ENOENT' ? 'no such file or directory' : error.message
      const missing = file.includes('/')
        ? `fork/exec ${file}: ${why}`
        : `exec: "${file}": executable file not found in $PATH`
      reject(new Error(error.code === 'EACCES' ? `fork/exec ${file}: permission denied` : missing))
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      if (timedOut) reject(new TimeoutError())
      else if (code === 0) resolve()
      else reject(new ExitError(code ?? 255))
    })
  })
}

/** Results of earlier steps, which are known only now: in the command, and in the environment. */
function substituteStepResults(command) {
  const pattern = /\$\(steps\.([\w-]+)\.results\.([\w-]+)(?:\.([\w-]+)|\[(\d+|\*)\])?\)/g
  const load = ([, step, result]) => {
    const text = fs.readFileSync(join(directories.steps, `step-${step}`, 'results', result), 'utf8')
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  }
  const textOf = (match) => {
    const [, , , key, index] = match
    const value = load(match)
    const chosen = key ? value?.[key] : index && index !== '*' ? value?.[Number(index)] : value
    return typeof chosen === 'string' ? chosen : JSON.stringify(chosen ?? '')
  }
  const inText = (text) => text.replace(pattern, (...match) => textOf(match))
  for (const [key, value] of Object.entries(process.env))
    if (value?.includes('$(steps.')) process.env[key] = inText(value)
  return command.flatMap((part) => {
    const whole = [...part.matchAll(pattern)].find((match) => match[0] === part)
    const value = whole && whole[4] === '*' ? load(whole) : undefined
    return Array.isArray(value) ? value.map(String) : [inText(part)]
  })
}

function runsWhen(expressions) {
  return expressions.every(({ input = '', operator = 'in', values = [] }) => {
    const [now] = substituteStepResults([input])
    const among = values.flatMap((value) => substituteStepResults([value])).includes(now ?? '')
    return operator.toLowerCase() === 'notin' ? !among : among
  })
}

function writeExitCode({ metadataDir }, code) {
  writeFile(join(metadataDir, 'exitCode'), code)
}

function writeFile(path, content) {
  fs.mkdirSync(dirname(path), { recursive: true })
  fs.writeFileSync(path, content)
}

function readIfThere(path) {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Go's flags: `-name value`, `--name value`, `-name=value`; what follows `--` belongs to the command. */
function parseFlags(argv) {
  const flags = new Map()
  let index = 0
  for (; index < argv.length && argv[index] !== '--'; index++) {
    const [, name = '', value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(argv[index]) ?? []
    if (name === 'wait_file_content') flags.set(name, 'true')
    else flags.set(name, value ?? argv[++index] ?? '')
  }
  const list = (name) => (flags.get(name) ?? '').split(',').filter(Boolean)
  const entrypoint = flags.get('entrypoint')
  return {
    waitFiles: list('wait_file'),
    waitContent: flags.has('wait_file_content'),
    postFile: flags.get('post_file') ?? '',
    terminationPath: flags.get('termination_path') ?? '/tekton/termination',
    metadataDir: flags.get('step_metadata_dir') ?? '',
    onError: flags.get('on_error') ?? '',
    timeoutMs: durationMs(flags.get('timeout') ?? '0'),
    results: list('results'),
    stepResults: list('step_results'),
    when: JSON.parse(flags.get('when_expressions') ?? '[]'),
    command: [...(entrypoint ? [entrypoint] : []), ...argv.slice(index + 1)],
  }
}

function durationMs(text) {
  const units = { ns: 1e-6, µs: 1e-3, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  let ms = 0
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ns|µs|us|ms|s|m|h)/g))
    ms += Number(number) * units[unit]
  return ms
}

/** Puts the entrypoint where steps find it, and a directory for each step's metadata. */
function init(_source, target, ...steps) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`
  // The kubelet rewrites the two directories for each container that runs this; node needs no preload to wait.
  const script = `#!/bin/sh
TEKTON_RESULTS_DIR=/tekton/results TEKTON_STEPS_DIR=/tekton/steps TEKTON_NODE_OPTIONS="$NODE_OPTIONS" NODE_OPTIONS= exec ${quoted(process.execPath)} ${quoted(fileURLToPath(import.meta.url))} "$@"
`
  fs.writeFileSync(target, script, { mode: 0o755 })
  fs.chmodSync(target, 0o755)
  const stepsDir = process.env.TEKTON_STEPS_DIR
  if (stepsDir)
    for (const [index, step] of steps.entries()) {
      // Volumes of a pod lie side by side on the host.
      const status = join('..', `tekton-internal-run-${index}`, 'status')
      for (const name of [step, String(index)]) fs.symlinkSync(status, join(stepsDir, name))
    }
  log('Entrypoint initialization')
}

function decodeScript(file) {
  const text = Buffer.from(fs.readFileSync(file, 'utf8'), 'base64')
  fs.writeFileSync(file, text)
  log(`Decoded script ${file}`)
}

/** A line as Go's log package writes it. */
function log(text) {
  const now = new Date().toISOString()
  process.stderr.write(`${now.slice(0, 10).replaceAll('-', '/')} ${now.slice(11, 19)} ${text}\n`)
}
