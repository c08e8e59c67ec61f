import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { type FollowOptions, followLog, type LogPart } from './follow-log.ts'
import { nanosOf } from './log-lines.ts'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

const pod = { namespace: 'n', name: 'p' }

function lineAt(index: number): string {
  const fraction = String(Math.floor(index / 3) * 1_000).padStart(9, '0')
  const second = String(Math.floor(index / 300) % 60).padStart(2, '0')
  return `2026-11-23T18:17:${second}.${fraction}Z line ${index}`
}

type Log = {
  text: string
  ended: boolean
  gone: boolean
  waiting: boolean
  /** Of the start before this one; the container was started again. */
  previous?: string
  uid?: string
  createdAt?: string
}

/** A kubelet with one container's log; `cut` decides how each read breaks off. */
async function kubelet(
  log: Log,
  cut: (read: number, response: ServerResponse, text: string) => boolean,
) {
  let reads = 0
  const asked: URLSearchParams[] = []
  const server = await startScripted((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    if (log.gone) {
      const details = { name: 'p', kind: 'pods' }
      return sendJson(response, 404, { kind: 'Status', reason: 'NotFound', details })
    }
    if (!url.pathname.endsWith('/log')) return sendJson(response, 200, podOf(log))
    asked.push(url.searchParams)
    if (log.waiting) {
      const message = 'container "c" in pod "p" is waiting to start: PodInitializing'
      return sendJson(response, 400, { kind: 'Status', reason: 'BadRequest', message })
    }
    const since = nanosOf(url.searchParams.get('sinceTime') ?? '') ?? 0n
    const text = (url.searchParams.has('previous') ? (log.previous ?? '') : log.text)
      .split('\n')
      .filter((line, at, all) => at === all.length - 1 || stampOf(line) >= since)
      .join('\n')
    response.writeHead(200, { 'content-type': 'text/plain' })
    if (cut(reads++, response, text)) return
    response.end(text)
  })
  const times = { retriesMax: 0, logIdleMs: 200 }
  const kube = connectKube({ kubeconfigText: server.kubeconfig, times })
  const ending = new AbortController()
  stop = async () => {
    ending.abort()
    await kube.close()
    await server.close()
  }
  return { kube, signal: ending.signal, asked, ending }
}

function stampOf(line: string): bigint {
  return nanosOf(line.split(' ')[0] ?? '') ?? 0n
}

function podOf({ ended, previous, uid, createdAt }: Log) {
  const state = ended ? { terminated: { exitCode: 0 } } : { running: {} }
  const restartCount = previous === undefined ? 0 : 1
  const status = { phase: 'Running', containerStatuses: [{ name: 'c', state, restartCount }] }
  return { metadata: { ...pod, uid, creationTimestamp: createdAt }, status }
}

async function readAll(parts: AsyncIterable<LogPart>) {
  const texts: string[] = []
  const gaps: string[] = []
  for await (const part of parts) {
    if (part.type === 'gap') gaps.push(part.reason)
    else texts.push(...part.lines.map((line) => line.text))
  }
  return { texts, gaps }
}

function options(signal: AbortSignal, more: Partial<FollowOptions> = {}): FollowOptions {
  return { container: 'c', signal, ...more }
}

const lines = Array.from({ length: 2_000 }, (_, index) => lineAt(index))
const expected = lines.map((line) => line.split(' ').slice(1).join(' '))

test('cut again and again, in the middle of lines: every line once, the unfinished last one too', async () => {
  const log: Log = {
    text: `${lines.join('\n')}\n${lineAt(2_000)}`,
    ended: true,
    gone: false,
    waiting: false,
  }
  const { kube, signal } = await kubelet(log, (read, response, text) => {
    if (read >= 12) return false
    const part = text.slice(0, Math.floor((text.length * (read + 1)) / 13))
    response.write(part, () => response.destroy())
    return true
  })
  const { texts, gaps } = await readAll(followLog(kube, pod, options(signal)))
  expect(texts).toEqual([...expected, 'line 2000'])
  expect(gaps).toEqual([])
})

test("an end that is not the container's end is no end", async () => {
  const log: Log = {
    text: `${lines.slice(0, 10).join('\n')}\n`,
    ended: false,
    gone: false,
    waiting: false,
  }
  const { kube, signal } = await kubelet(log, (read) => {
    if (read === 1) {
      log.text = `${lines.slice(0, 20).join('\n')}\n`
      log.ended = true
    }
    return false
  })
  const { texts } = await readAll(followLog(kube, pod, options(signal)))
  expect(texts).toEqual(expected.slice(0, 20))
})

test('a log that falls silent on a dead connection is taken up again', async () => {
  const log: Log = { text: `${lines[0]}\n`, ended: false, gone: false, waiting: false }
  const { kube, signal } = await kubelet(log, (read, response, text) => {
    if (read > 0) return false
    response.write(text)
    log.text = `${lines[0]}\n${lines[1]}\n`
    log.ended = true
    return true
  })
  const { texts } = await readAll(followLog(kube, pod, options(signal)))
  expect(texts).toEqual(expected.slice(0, 2))
})

test('from a cursor only what is later, and no more than a second is asked for twice', async () => {
  const log: Log = { text: `${lines.join('\n')}\n`, ended: true, gone: false, waiting: false }
  const { kube, signal, asked } = await kubelet(log, () => false)
  const from = { at: lines[1_000]?.split(' ')[0] ?? '', count: 2 }
  const { texts } = await readAll(followLog(kube, pod, options(signal, { from, follow: false })))
  expect(texts).toEqual(expected.slice(1_001))
  expect(asked[0]?.get('sinceTime')).toBe('2026-11-23T18:17:02.000Z')
})

test('waits for a container that has not started', async () => {
  const log: Log = { text: `${lines[0]}\n`, ended: false, gone: false, waiting: true }
  const { kube, signal, asked } = await kubelet(log, () => false)
  const reading = readAll(followLog(kube, pod, options(signal)))
  await expect.poll(() => asked.length).toBeGreaterThan(1)
  Object.assign(log, { waiting: false, ended: true })
  expect((await reading).texts).toEqual(expected.slice(0, 1))
})

test('reads a container that ran and ended while it was thought to wait', async () => {
  // The log is asked for before it started; from the next look at the pod on, all of it is there and over.
  let looked = false
  const log: Log = {
    text: `${lines[0]}\n`,
    gone: false,
    get ended() {
      looked = true
      return true
    },
    get waiting() {
      return !looked
    },
  }
  const { kube, signal } = await kubelet(log, () => false)
  const { texts } = await readAll(followLog(kube, pod, options(signal)))
  expect(texts).toEqual(expected.slice(0, 1))
})

test('a pod that goes away before its log was read leaves a gap; a read log does not', async () => {
  const log: Log = { text: `${lines[0]}\n`, ended: true, gone: true, waiting: false }
  const { kube, signal } = await kubelet(log, (read) => {
    if (read === 0) log.gone = true
    return false
  })
  expect((await readAll(followLog(kube, pod, options(signal)))).gaps).toEqual(['pod-gone'])
  log.gone = false
  expect(await readAll(followLog(kube, pod, options(signal)))).toEqual({
    texts: expected.slice(0, 1),
    gaps: [],
  })
})

const kubeletWords = [
  'failed to try resolving symlinks in path "/var/log/pods/n_p_u/c/0.log": lstat /var/log/pods/n_p_u: no such file or directory',
  'unable to retrieve container logs for containerd://5f6a',
]

test.each(kubeletWords)('what the kubelet says itself is no line: %s', async (words) => {
  const log: Log = { text: `${lines.join('\n')}\n`, ended: true, gone: false, waiting: false }
  // First of all, after half of the log, and in the place of the rest.
  const half = log.text.indexOf(`${lines[1_000]}`)
  const { kube, signal } = await kubelet(log, (read, response, text) => {
    if (read >= 3) return false
    response.end(read === 1 ? `${text.slice(0, half)}${words}\n` : words)
    return true
  })
  expect(await readAll(followLog(kube, pod, options(signal)))).toEqual({
    texts: expected,
    gaps: [],
  })
})

test('a log that the kubelet has no more is a gap, and a log that was read to its end is none', async () => {
  const log: Log = { text: `${lines[0]}\n`, ended: true, gone: false, waiting: false }
  const lost = await kubelet(log, (_, response) => {
    response.end(kubeletWords[1])
    return true
  })
  expect(await readAll(followLog(lost.kube, pod, options(lost.signal)))).toEqual({
    texts: [],
    gaps: ['unreadable'],
  })
  await stop?.()
  const read = await kubelet(log, (at, response) => {
    if (at > 0) response.end(kubeletWords[1])
    return at > 0
  })
  expect(await readAll(followLog(read.kube, pod, options(read.signal)))).toEqual({
    texts: expected.slice(0, 1),
    gaps: [],
  })
})

test('a pod of the same name that came later is another one: none of its lines are given', async () => {
  const log: Log = { text: `${lines[0]}\n`, ended: false, gone: false, waiting: false }
  Object.assign(log, { uid: 'a', createdAt: '2026-11-23T18:00:00Z' })
  const { kube, signal } = await kubelet(log, (read, response, text) => {
    log.uid = 'b'
    // First what the old one wrote before the new one was made, then what the new one writes.
    log.createdAt = read === 0 ? '2026-11-23T18:17:30Z' : '2026-11-23T18:16:59Z'
    response.end(read === 0 ? `${text}2026-11-23T18:17:00.5Z half a li` : text)
    return true
  })
  const asked = { ...pod, uid: 'a' }
  expect(await readAll(followLog(kube, asked, options(signal)))).toEqual({
    texts: [...expected.slice(0, 1), 'half a li'],
    gaps: [],
  })
  log.uid = 'a'
  expect(await readAll(followLog(kube, asked, options(signal)))).toEqual({
    texts: [],
    gaps: ['pod-gone'],
  })
})

test('the end of the signal ends the reader', async () => {
  const log: Log = { text: `${lines[0]}\n`, ended: false, gone: false, waiting: false }
  const { kube, signal, ending } = await kubelet(log, (_, response, text) => {
    response.write(text)
    return true
  })
  const texts: string[] = []
  for await (const part of followLog(kube, pod, options(signal))) {
    if (part.type === 'lines') texts.push(...part.lines.map((line) => line.text))
    ending.abort()
  }
  expect(texts).toEqual(expected.slice(0, 1))
})

test('a container that is started again loses no line, wherever its reader stood', async () => {
  const first = `${lines.slice(0, 900).join('\n')}\n${lineAt(900)}`
  const second = `${lines.slice(950, 1_000).join('\n')}\n`
  const whole = [...expected.slice(0, 901), ...expected.slice(950, 1_000)]
  const log: Log = { text: first, ended: false, gone: false, waiting: false }
  const { kube, signal } = await kubelet(log, (read, response, text) => {
    if (read > 0) return false
    // Killed in the middle of what was being read, and there is another one in its place.
    response.write(text.slice(0, 20_000), () => response.destroy())
    Object.assign(log, { previous: first, text: second, ended: true })
    return true
  })
  const restarts = true
  const live = await readAll(followLog(kube, pod, options(signal, { restarts })))
  expect(live).toEqual({ texts: whole, gaps: [] })
  for (const at of [0, 450, 899, 950, 999]) {
    const stamp = lines[at]?.split(' ')[0] ?? ''
    // Three lines have each timestamp, and the second start begins with the last of three.
    const from = { at: stamp, count: at === 950 ? 1 : (at % 3) + 1 }
    const { texts, gaps } = await readAll(followLog(kube, pod, options(signal, { restarts, from })))
    expect([at, texts, gaps]).toEqual([at, whole.slice(whole.indexOf(`line ${at}`) + 1), []])
  }
})
