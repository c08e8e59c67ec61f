import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

type HttpGet = {
  path?: string
  port: number | string
  host?: string
  scheme?: string
  httpHeaders?: { name: string; value: string }[]
}

export type Handler = {
  httpGet?: HttpGet
  tcpSocket?: { port: number | string; host?: string }
  exec?: { command: string[] }
  sleep?: { seconds: number }
}

export type Probe = Handler & {
  initialDelaySeconds?: number
  periodSeconds?: number
  timeoutSeconds?: number
  successThreshold?: number
  failureThreshold?: number
}

/** What a probe needs to know of its container. */
export type ProbeTarget = {
  podIp: string
  ports: { name?: string; containerPort: number }[]
  /** Runs a command as the container would; resolves to exit code and output. */
  exec(command: string[], timeoutMs: number): Promise<{ exitCode: number; output: string }>
}

export type ProbeResult = { ok: true } | { ok: false; output: string }

const outputMax = 1024
const eagerMs = 250

/**
 * Probes until the signal aborts. `onChange` hears the first verdict and each change of it; `onFailure` every failure
 * that counts. Until the first success it looks more often than asked, so that nothing waits for a whole period.
 */
export async function runProbe(
  probe: Probe,
  target: ProbeTarget,
  listeners: { onChange(ok: boolean): void; onFailure(output: string): void },
  signal: AbortSignal,
): Promise<void> {
  const periodMs = (probe.periodSeconds ?? 10) * 1000
  const needed = { ok: probe.successThreshold ?? 1, failed: probe.failureThreshold ?? 3 }
  let verdict: boolean | undefined
  let row = { ok: false, length: 0 }
  let countedAt = Date.now()
  await pause((probe.initialDelaySeconds ?? 0) * 1000, signal)
  while (!signal.aborted) {
    const result = await attempt(probe, target, (probe.timeoutSeconds ?? 1) * 1000)
    if (signal.aborted) return
    const eager = verdict === undefined && !result.ok
    if (!eager || Date.now() - countedAt >= periodMs) {
      countedAt = Date.now()
      row = row.ok === result.ok ? { ...row, length: row.length + 1 } : { ok: result.ok, length: 1 }
      if (!result.ok) listeners.onFailure(result.output)
      if (verdict !== row.ok && row.length >= (row.ok ? needed.ok : needed.failed)) {
        verdict = row.ok
        listeners.onChange(verdict)
      }
    }
    await pause(eager ? Math.min(eagerMs, periodMs) : periodMs, signal)
  }
}

/** One attempt; never throws. */
export async function attempt(
  probe: Handler,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  try {
    if (probe.exec) {
      const { exitCode, output } = await target.exec(probe.exec.command, timeoutMs)
      return exitCode === 0 ? { ok: true } : { ok: false, output: output.slice(0, outputMax) }
    }
    if (probe.httpGet) return await httpProbe(probe.httpGet, target, timeoutMs)
    if (probe.tcpSocket) return await tcpProbe(probe.tcpSocket, target, timeoutMs)
    if (probe.sleep) await delay(probe.sleep.seconds * 1000)
    return { ok: true }
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error) }
  }
}

function httpProbe(get: HttpGet, target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const host = get.host ?? target.podIp
  const secure = get.scheme === 'HTTPS'
  const path = get.path ?? '/'
  const url = `${secure ? 'https' : 'http'}://${host}:${portOf(get.port, target)}${path.startsWith('/') ? path : `/${path}`}`
  const headers = Object.fromEntries(
    (get.httpHeaders ?? []).map(({ name, value }) => [name, value]),
  )
  return new Promise((resolve) => {
    // A probe does not check certificates, and connections are not kept, as the kubelet does it.
    const options = {
      headers: { 'User-Agent': 'kube-probe/1.36', ...headers },
      agent: false,
      timeout: timeoutMs,
    }
    const call = secure
      ? httpsRequest(url, { ...options, rejectUnauthorized: false })
      : httpRequest(url, options)
    const failed = (why: string) => resolve({ ok: false, output: `Get "${url}": ${why}` })
    call.on('timeout', () => {
      failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')
      call.destroy()
    })
    call.on('error', (error) => failed(dialError(error, host, portOf(get.port, target))))
    call.on('response', (response) => {
      response.resume()
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 400) resolve({ ok: true })
      else resolve({ ok: false, output: `HTTP probe failed with statuscode: ${status}` })
    })
    call.end()
  })
}

function tcpProbe(
  tcp: { port: number | string; host?: string },
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  const host = tcp.host ?? target.podIp
  const port = portOf(tcp.port, target)
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const end = (result: ProbeResult) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end({ ok: true }))
    socket.once('timeout', () =>
      end({ ok: false, output: `dial tcp ${host}:${port}: i/o timeout` }),
    )
    socket.once('error', (error) => end({ ok: false, output: dialError(error, host, port) }))
  })
}

function dialError(error: Error & { code?: string }, host: string, port: number): string {
  const refused = error.code === 'ECONNREFUSED'
  return refused ? `dial tcp ${host}:${port}: connect: connection refused` : error.message
}

function portOf(port: number | string, target: ProbeTarget): number {
  if (typeof port === 'number') return port
  const named = target.ports.find((one) => one.name === port)?.containerPort ?? Number(port)
  if (!Number.isInteger(named)) throw new Error(`couldn't find port: "${port}"`)
  return named
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal, ref: false })
  } catch {
    // Aborted: the caller sees it.
  }
}
