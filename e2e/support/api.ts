import { type APIResponse, type BrowserContext, expect } from '@playwright/test'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'
import { removeBindings } from './cluster.ts'

type Method = 'POST' | 'PATCH' | 'DELETE'

/** A well-formed request for access in ada's namespace. */
export const wish = {
  namespace: 'research-team-a',
  modelService: { namespace: 'model-serving-prod', name: 'vibethinker' },
  strategy: 'ExternalName',
  alias: 'vibethinker-gateway',
  justification: 'Following what happens when parts of it fail.',
  purpose: 'Evaluation',
  durationDays: 7,
  quota: { requestsPerMinute: 60, tokensPerDay: 1_000_000, concurrency: 4 },
}

/** Changes something over the API as a page of our own would: signed in, and from our own address. */
export function send(
  context: BrowserContext,
  method: Method,
  path: string,
  body?: object | string,
): Promise<APIResponse> {
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  const data = typeof body === 'object' ? JSON.stringify(body) : body
  return context.request.fetch(path, { method, headers, data: Buffer.from(data ?? '') })
}

/** What an answer says went wrong. */
export async function errorOf(answer: APIResponse): Promise<ErrorBody['error']> {
  return ((await answer.json()) as ErrorBody).error
}

export async function bindingAt(context: BrowserContext, path: string): Promise<BindingView> {
  return (await context.request.get(`/api${path}`)).json()
}

/** The pages' path of a ready binding of research-team-a: one that is there already, or else a new one. */
export async function readyBinding(ada: BrowserContext, grace: BrowserContext): Promise<string> {
  const there: BindingView[] = await (await ada.request.get('/api/bindings')).json()
  const ready = there.find(({ state, pending }) => state === 'ready' && !pending)
  if (ready) return `/bindings/${ready.namespace}/${ready.name}`

  await removeBindings()
  const { namespace, name }: BindingView = await (
    await send(ada, 'POST', '/api/bindings', wish)
  ).json()
  const path = `/bindings/${namespace}/${name}`
  await expect.poll(async () => (await bindingAt(grace, path)).seal).toBeDefined()
  const { seal, generation } = await bindingAt(grace, path)
  const decision = { decision: 'approve', digest: seal?.digest, generation, comment: '' }
  await send(grace, 'POST', `/api${path}/decision`, decision)
  await expect.poll(async () => (await bindingAt(ada, path)).state).toBe('ready')
  return path
}
