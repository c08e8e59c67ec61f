import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ContainerLog } from './container-log.ts'

export type LogReadOptions = {
  follow?: boolean
  timestamps?: boolean
  /** Last entries of the current file. */
  tailLines?: number
  /** RFC 3339 with nine digits: earlier entries are left out. */
  since?: string
  limitBytes?: number
}

const readBytes = 64 * 1024
const stampBytes = 30
// `<stamp> F `
const headBytes = stampBytes + 3
const newline = Buffer.from('\n')

/** The bytes that `kubectl logs` prints. Following ends when the container has ended, or with the signal. */
export async function* readLog(
  log: ContainerLog,
  options: LogReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY
  const print = printer(options)
  let generation = log.generation
  let fd = openSync(log.fileOf(generation), 'r')
  try {
    let at = options.tailLines === undefined ? 0 : tailOffset(fd, options.tailLines)
    const buffer = Buffer.alloc(readBytes)
    let rest = Buffer.alloc(0)
    while (!signal.aborted && left > 0) {
      // Taken before reading, so that nothing that comes in between is missed.
      const changed = options.follow && !log.ended ? log.changed() : undefined
      const newest = log.generation
      const size = readSync(fd, buffer, 0, readBytes, at)
      if (size > 0) {
        at += size
        const chunk = Buffer.concat([rest, buffer.subarray(0, size)])
        const end = chunk.lastIndexOf(newline[0] ?? 0) + 1
        rest = chunk.subarray(end)
        const out = print(chunk.subarray(0, end))
        if (out.length > 0) yield out.subarray(0, left)
        left -= out.length
      } else if (generation < newest) {
        closeSync(fd)
        const next = openLater(log, generation + 1)
        generation = next.generation
        fd = next.fd
        at = 0
      } else if (changed) await untilAborted(changed, signal)
      else return
    }
  } finally {
    closeSync(fd)
  }
}

function openLater(log: ContainerLog, wanted: number): { generation: number; fd: number } {
  // A reader so slow that the next file is gone already goes on with the one that is written now.
  const generation = existsSync(log.fileOf(wanted)) ? wanted : log.generation
  return { generation, fd: openSync(log.fileOf(generation), 'r') }
}

function printer(options: LogReadOptions): (entries: Buffer) => Buffer {
  const since = options.since ? Buffer.from(options.since, 'latin1') : undefined
  let lineStarts = true
  return (entries) => {
    const parts: Buffer[] = []
    let from = 0
    while (from < entries.length) {
      const end = entries.indexOf(newline, from)
      const full = entries[from + stampBytes + 1] === 0x46
      const old = since && entries.subarray(from, from + stampBytes).compare(since) < 0
      if (!old) {
        if (options.timestamps && lineStarts)
          parts.push(entries.subarray(from, from + stampBytes + 1))
        parts.push(entries.subarray(from + headBytes, full ? end + 1 : end))
        lineStarts = full
      }
      from = end + 1
    }
    return Buffer.concat(parts)
  }
}

/** Where the last `lines` entries of the file begin. */
function tailOffset(fd: number, lines: number): number {
  const size = fstatSync(fd).size
  if (lines === 0) return size
  const buffer = Buffer.alloc(readBytes)
  let found = 0
  let end = size
  while (end > 0) {
    const start = Math.max(0, end - readBytes)
    readSync(fd, buffer, 0, end - start, start)
    for (let i = end - start - 1; i >= 0; i -= 1) {
      if (buffer[i] !== newline[0] || start + i === size - 1) continue
      found += 1
      if (found === lines) return start + i + 1
    }
    end = start
  }
  return 0
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    promise.then(done, done)
  })
}
