import { fetchPython } from '#components/data/code-box-files.ts'
import { type CodeLanguage, codeBounds } from '#server/playground/model/code-bounds.ts'
import type { BoxMessage, PageMessage } from '#server/playground/model/code-box-messages.ts'
import { type Box, openBox } from './open-box.ts'
import { afterMessage, endedRun, loadingRun, type RunEnding, type RunState } from './run-state.ts'

export type Program = { language: CodeLanguage; code: string }

/** What came is shown at this pace, however fast it is written. */
const showEveryMs = 80
/** A box that does not even say that it stopped is taken off the page. */
const stopMsMax = 2000
/** A slow machine compiles the interpreter in a few seconds; a browser that takes longer never does. */
const startMsMax = 60_000
const keptMax = 50

type Current = {
  id: number
  program: Program
  /** The box has heard of it. */
  isSent: boolean
  /** Why the box was asked to stop it. */
  asked?: 'stopped' | 'timeout'
  timer?: ReturnType<typeof setTimeout>
}

/** A page has one box, and runs one program at a time. */
let box: Promise<Box> | undefined
let lastId = 0
let current: Current | undefined

/** Those that were given the interpreter already. */
const withPython = new WeakSet<Box>()
const runs = new Map<string, RunState>()
const inputs = new Map<string, string>()
const listeners = new Set<() => void>()

export function onRunChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function runOf(program: Program): RunState | undefined {
  return runs.get(keyOf(program))
}

/** What was typed as a program's input, as long as the page is open. */
export function inputOf(program: Program): string {
  return inputs.get(keyOf(program)) ?? ''
}

export function keepInput(program: Program, input: string): void {
  keep(inputs, keyOf(program), input)
  for (const listener of listeners) listener()
}

/** Runs the program; one that runs already is stopped for it. `title` is what the box is called. */
export function startRun(program: Program, title: string): void {
  leaveRun()
  lastId += 1
  const begun: Current = { id: lastId, program, isSent: false }
  current = begun
  show(program, loadingRun)
  handIn(begun, title).catch(() => {
    if (current === begun) giveUp('not-loaded')
  })
}

/** Ends the program's run, if it is the one that runs. */
export function stopRun(program: Program): void {
  if (!current || keyOf(program) !== keyOf(current.program)) return
  if (current.isSent) askToStop(current, 'stopped')
  else leaveRun()
}

async function handIn(begun: Current, title: string): Promise<void> {
  box ??= openBox(title, hear)
  const opened = await box
  const { id, program } = begun
  if (program.language === 'python' && !withPython.has(opened)) {
    const { worker, wasm, library } = await fetchPython(opened.version)
    if (!withPython.has(opened)) {
      opened.send({ type: 'python', worker, wasm, library }, [worker, wasm, library])
    }
    withPython.add(opened)
  }
  if (current !== begun) return
  begun.isSent = true
  // No limit of its own applies before it has begun.
  begun.timer = setTimeout(() => giveUp('not-loaded'), startMsMax)
  opened.send({ type: 'run', id, ...program, input: inputOf(program) })
}

function hear(message: BoxMessage): void {
  if (!current || message.type === 'ready' || message.id !== current.id) return
  const heard = current
  if (message.type === 'started') {
    clearTimeout(heard.timer)
    heard.timer = setTimeout(() => askToStop(heard, 'timeout'), codeBounds.runMsMax)
  } else if (message.type === 'output') {
    setTimeout(() => send({ type: 'more', id: heard.id }), showEveryMs)
  } else {
    clearTimeout(heard.timer)
    current = undefined
    // What a flood left behind would be in the way of the next run.
    if (message.how === 'too-much' || message.how === 'broken') dropBox()
  }
  show(heard.program, afterMessage(runOf(heard.program) ?? loadingRun, message, heard.asked))
}

function askToStop(asked: Current, why: 'stopped' | 'timeout'): void {
  if (asked.asked) return
  asked.asked = why
  clearTimeout(asked.timer)
  asked.timer = setTimeout(() => giveUp(why), stopMsMax)
  send({ type: 'stop', id: asked.id })
}

function leaveRun(): void {
  if (!current) return
  clearTimeout(current.timer)
  if (current.isSent) send({ type: 'stop', id: current.id })
  endCurrent('stopped')
}

function giveUp(how: RunEnding): void {
  dropBox()
  endCurrent(how)
}

/** The next run finds another box. */
function dropBox(): void {
  void box?.then(({ close }) => close()).catch(() => {})
  box = undefined
}

function endCurrent(how: RunEnding): void {
  if (!current) return
  const { program } = current
  current = undefined
  show(program, endedRun(runOf(program) ?? loadingRun, { how }))
}

function send(message: PageMessage): void {
  void box?.then((opened) => opened.send(message)).catch(() => {})
}

function show(program: Program, run: RunState): void {
  keep(runs, keyOf(program), run)
  for (const listener of listeners) listener()
}

/** The oldest goes first. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > keptMax && oldest !== undefined) map.delete(oldest)
}

function keyOf({ language, code }: Program): string {
  return `${language}\n${code}`
}
