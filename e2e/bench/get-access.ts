import { call } from './read-stream.ts'

export type Session = { cookie: string; origin: string }

/** Signs in as one of the demo's people without a browser. */
export async function signInOverHttp(origin: string, person: string): Promise<Session> {
  const csrf = await call('GET', `${origin}/api/auth/csrf`, {})
  const { csrfToken } = JSON.parse(csrf.text)
  const form = new URLSearchParams({ csrfToken, person, json: 'true', callbackUrl: '/' })
  const signedIn = await call(
    'POST',
    `${origin}/api/auth/callback/demo`,
    { 'content-type': 'application/x-www-form-urlencoded', cookie: csrf.cookies.join('; ') },
    form.toString(),
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
  method: 'GET' | 'POST',
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
  return JSON.parse(answer.text)
}

type Binding = {
  namespace: string
  name: string
  state: string
  seal?: { digest: string; generation: number }
}

/** Ask, approve, wait: the way that everybody goes. Answers with the binding, ready. */
export async function getAccess(
  ada: Session,
  grace: Session,
  quota: { requestsPerMinute: number; tokensPerDay: number; concurrency: number },
): Promise<Binding> {
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
  const path = `/api/bindings/${namespace}/${name}`
  const { seal } = await until(
    () => callApi<Binding>(grace, 'GET', path),
    (one) => one.seal !== undefined,
  )
  await callApi(grace, 'POST', `${path}/decision`, {
    decision: 'approve',
    digest: seal?.digest,
    generation: seal?.generation,
    comment: '',
  })
  return until(
    () => callApi<Binding>(ada, 'GET', path),
    (one) => one.state === 'ready',
  )
}

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    if (performance.now() > deadline) throw new Error(`Not within a minute: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
