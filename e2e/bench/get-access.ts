import { call } from './read-stream.ts'
import { until } from './until.ts'

export type Session = { cookie: string; origin: string }

/** Signs in as one of the demo's people without a browser. */
export async function signInOverHttp(origin: string, person: string): Promise<Session> {
  const signedIn = await call(
    'POST',
    `${origin}/api/sign-in/demo`,
    { 'content-type': 'application/json', origin },
    JSON.stringify({ person }),
  )
  if (!signedIn.cookies.some((one) => one.includes('session-token'))) {
    throw new Error(`Nobody was signed in: ${signedIn.status} ${signedIn.text}`)
  }
  return { origin, cookie: signedIn.cookies.join('; ') }
}

export function headersOf({ cookie, origin }: Session): Record<string, string> {
  return { cookie, origin, 'content-type': 'application/json' }
}

export async function callApi<T>(
  session: Session,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<T> {
  const answer = await call(
    method,
    `${session.origin}${path}`,
    headersOf(session),
    body && JSON.stringify(body),
  )
  if (answer.status >= 300) {
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
  }
  return JSON.parse(answer.text || 'null')
}

type Quota = { requestsPerMinute: number; tokensPerDay: number; concurrency: number }

type Binding = {
  namespace: string
  name: string
  state: string
  seal?: { digest: string; generation: number }
}

/** Asks as ada, and waits until somebody can decide. */
export async function askForAccess(ada: Session, quota: Quota): Promise<Binding> {
  const { namespace, name } = await callApi<Binding>(ada, 'POST', '/api/bindings', {
    namespace: 'research-team-a',
    modelService: { namespace: 'model-serving-prod', name: 'vibethinker' },
    strategy: 'ExternalName',
    alias: 'vibethinker-gateway',
    justification: 'Measuring how much the way to the model costs.',
    purpose: 'Evaluation',
    durationDays: 1,
    quota,
  })
  return until(
    () => callApi<Binding>(ada, 'GET', `/api/bindings/${namespace}/${name}`),
    (one) => one.seal !== undefined,
  )
}

export async function approve(grace: Session, { namespace, name, seal }: Binding): Promise<void> {
  await callApi(grace, 'POST', `/api/bindings/${namespace}/${name}/decision`, {
    decision: 'approve',
    digest: seal?.digest,
    generation: seal?.generation,
    comment: '',
  })
}

/** Ask, approve, wait: the way that everybody goes. Answers with the binding, ready. */
export async function getAccess(ada: Session, grace: Session, quota: Quota): Promise<Binding> {
  const asked = await askForAccess(ada, quota)
  await approve(grace, asked)
  return until(
    () => callApi<Binding>(ada, 'GET', `/api/bindings/${asked.namespace}/${asked.name}`),
    (one) => one.state === 'ready',
  )
}

/** The status with which the gateway answers a tenant's pod. */
export async function askWhetherBound(gateway: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await call('GET', `${gateway}/v1/models`, headers)).status
}
