import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { AccessCheck } from '#server/access/model/receipt.ts'
import { askModels, askToken, type Speaker } from './ask-gateway.ts'

/** Where to ask, and for which model. */
export type AccessRoute = { address: string; model: string }
export type AccessObservation = { model: string; firstTokenMs: number; checks: AccessCheck[] }

const connectMs = 5_000

/** Walks the way of the tenant's own pods, each stretch timed; a string is the first that does not hold yet. */
export async function checkAccess(
  way: AccessRoute,
  speaker: Speaker,
): Promise<AccessObservation | string> {
  const { hostname, port } = new URL(way.address)
  const [alias] = hostname.split('.')
  const checks: AccessCheck[] = []
  const timed = async <T>(work: Promise<T>): Promise<{ value: T; ms: number }> => {
    const startedMs = performance.now()
    const value = await work
    return { value, ms: round(performance.now() - startedMs) }
  }

  const resolved = await timed(addressesOf(hostname))
  if (typeof resolved.value === 'string') return resolved.value
  checks.push({ check: 'resolves', ms: resolved.ms, saw: cut(resolved.value.join(', ')) })

  const reached = await timed(connects(hostname, Number(port)))
  if (reached.value !== undefined) return reached.value
  checks.push({ check: 'connects', ms: reached.ms, saw: `${alias}:${port}` })

  const { value: models, ms } = await timed(askModels(way.address, speaker))
  if (typeof models === 'string') return models
  if (models.status !== 200) return `it answers ${models.status} ${models.said}`
  // A server in the engine's place (INFERENCE_URL) may call its model otherwise: then the receipt says what it is.
  const model = models.models.includes(way.model) ? way.model : models.models[0]
  if (model === undefined) return 'it serves no model'
  checks.push({
    check: 'lists-model',
    ms,
    saw: cut(`${models.models.join(', ')}${contextWords(models.contextTokens)}`),
  })

  const token = await askToken(way.address, model, speaker)
  if (typeof token === 'string') return token
  checks.push({ check: 'first-token', ms: token.firstTokenMs, saw: cut(model) })
  return { model, firstTokenMs: token.firstTokenMs, checks }
}

/** Kept in the receipt: the ModelService may say another number. */
function contextWords(tokens: number | undefined): string {
  return tokens === undefined ? '' : ` (context ${tokens} tokens)`
}

/**
 * Whether a namespace without a grant is refused: the same address from the same pod, as the run's own ServiceAccount and
 * for nobody else. That is a real account of a real namespace, whose token the gateway does accept: what refuses it is
 * the lack of a grant alone. `bound` says that its namespace has a grant of its own; then it is no outsider.
 */
export async function checkOutsider(
  base: string,
  speaker: Speaker,
  bound: () => Promise<boolean>,
): Promise<AccessCheck | string> {
  const startedMs = performance.now()
  const answer = await askModels(base, { ...speaker, binding: undefined })
  const ms = round(performance.now() - startedMs)
  if (typeof answer === 'string') return `asked without a grant: ${answer}`
  const check = 'outsider-refused' as const
  // 401 would mean that the token was not heard, which proves nothing about grants.
  if (answer.status === 403) return { check, ms, saw: cut(`403 ${answer.said}`) }
  if (answer.status !== 200) return `asked without a grant, it answers ${answer.status}`
  if (await bound()) {
    const saw = 'Not asked: the serving namespace is itself bound to a model.'
    return { check, ms, saw, skipped: true }
  }
  return 'a namespace without a grant gets through to the model'
}

async function addressesOf(hostname: string): Promise<string[] | string> {
  try {
    const found = await lookup(hostname, { all: true })
    return found.map(({ address }) => address)
  } catch {
    return 'its name is not known to the DNS yet'
  }
}

/** Undefined once a connection stands. */
export function connects(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (reason?: string) => {
      socket.destroy()
      resolve(reason)
    }
    socket.setTimeout(connectMs, () => end('its port does not answer in time'))
    socket.once('connect', () => end())
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(`its port does not answer (${error.code ?? error.message})`)
    })
  })
}

export function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

export function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
