import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { nowNs, rfc3339Nano } from '#server/lab/cluster/kubelet/clock.ts'

const newline = 0x0a
// containerd reads in pieces of this size: a longer line becomes several entries, all but the last marked partial.
const entryBytesMax = 16 * 1024
const filesKept = 5

/** The log of one run of one container: written while it runs, read by any number of readers, also afterwards. */
export type ContainerLog = {
  append(chunk: Buffer): void
  /** Flushes a last line without newline; followers then come to their end. */
  end(): void
  readonly ended: boolean
  /** Which file is written now; rotation counts it up. */
  readonly generation: number
  fileOf(generation: number): string
  /** Resolves at the next append, rotation or end. */
  changed(): Promise<void>
  remove(): void
}

export type ContainerLogOptions = {
  path: string
  /** Size at which the file is rotated; the API shows only the current file. */
  bytesMax: number
  /** Applied to each line; latin1, so that any bytes survive. */
  rewrite: (line: string) => string
}

/** Entries are `<RFC3339Nano> F|P <bytes>\n`: F ends a line, P is a part that the next entry continues. */
export function createContainerLog(options: ContainerLogOptions): ContainerLog {
  mkdirSync(dirname(options.path), { recursive: true })
  let generation = 0
  let bytes = 0
  let pending: Buffer[] = []
  let pendingBytes = 0
  let ended = false
  let waiting: (() => void)[] = []
  let fd = openSync(fileOf(0), 'w', 0o600)

  function fileOf(wanted: number): string {
    return wanted === 0 ? options.path : `${options.path}.${wanted}`
  }

  function wake() {
    const woken = waiting
    waiting = []
    for (const resolve of woken) resolve()
  }

  function rotate() {
    closeSync(fd)
    generation += 1
    bytes = 0
    fd = openSync(fileOf(generation), 'w', 0o600)
    if (generation >= filesKept) rmSync(fileOf(generation - filesKept), { force: true })
  }

  function entry(tag: 'F' | 'P', line: Buffer): Buffer {
    const text = options.rewrite(line.toString('latin1'))
    return Buffer.from(`${rfc3339Nano(nowNs())} ${tag} ${text}\n`, 'latin1')
  }

  function write(entries: Buffer[]) {
    for (const one of entries) {
      if (bytes + one.length > options.bytesMax && bytes > 0) rotate()
      writeSync(fd, one)
      bytes += one.length
    }
  }

  function takePending(): Buffer {
    const line = Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    return line
  }

  return {
    append(chunk) {
      if (ended) return
      const batch: Buffer[] = []
      let batchBytes = 0
      let from = 0
      while (from < chunk.length) {
        const at = chunk.indexOf(newline, from)
        const room = entryBytesMax - pendingBytes
        const to = at < 0 ? chunk.length : at
        const piece = chunk.subarray(from, Math.min(to, from + room))
        pending.push(piece)
        pendingBytes += piece.length
        from += piece.length
        if (from === at) {
          batch.push(entry('F', takePending()))
          from += 1
        } else if (pendingBytes >= entryBytesMax) batch.push(entry('P', takePending()))
        batchBytes += batch.at(-1)?.length ?? 0
      }
      // One write for many lines, unless the file has to be rotated within them.
      if (batch.length > 0 && bytes + batchBytes <= options.bytesMax) write([Buffer.concat(batch)])
      else write(batch)
      // The chunk's memory is reused by the stream.
      pending = pendingBytes > 0 ? [Buffer.from(Buffer.concat(pending))] : []
      wake()
    },
    end() {
      if (ended) return
      if (pendingBytes > 0) write([entry('P', takePending())])
      ended = true
      closeSync(fd)
      wake()
    },
    get ended() {
      return ended
    },
    get generation() {
      return generation
    },
    fileOf,
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    remove() {
      for (let old = Math.max(0, generation - filesKept); old <= generation; old += 1)
        if (existsSync(fileOf(old))) rmSync(fileOf(old), { force: true })
    },
  }
}
