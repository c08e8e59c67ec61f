/**
 * Every route of the API, what it needs, and an example: the one list from which the handlers are typed, the isolation
 * tests take their cases, and readers learn what there is.
 */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export type RouteAccess =
  | { type: 'public' }
  /** Anybody who signed in; the answer holds only what they may see. */
  | { type: 'signed-in' }
  /** A SubjectAccessReview; `namespace` and `name` are taken from the path's parameters, else from the body. */
  | { type: 'review'; verb: string; resource: string; in: 'path' | 'body' | 'serving' }
  /** Whoever may see the binding that the run serves, or runs as such; for everybody else there is no such run. */
  | { type: 'run' }
  /** The person's own; for everybody else there is no such thing. */
  | { type: 'own' }

export type RouteDeclaration = {
  access: RouteAccess
  says: string
  /** Answered as a stream by the custom server, not by Next. */
  stream?: true
  /** A well-formed body, so that a test meets the access check and not the parser. */
  sampleBody?: object
}

const bindings = 'modelbindings.bindery.dev'
const services = 'modelservices.bindery.dev'
const runs = 'taskruns.tekton.dev'

const everyone: RouteAccess = { type: 'public' }
const signedIn: RouteAccess = { type: 'signed-in' }
const asRun: RouteAccess = { type: 'run' }
const own: RouteAccess = { type: 'own' }

function review(verb: string, resource: string, where: 'path' | 'body' | 'serving'): RouteAccess {
  return { type: 'review', verb, resource, in: where }
}

const quota = { requestsPerMinute: 10, tokensPerDay: 100_000, concurrency: 1 }

const sampleRequest = {
  namespace: 'research-team-a',
  modelService: { namespace: 'model-serving-prod', name: 'vibethinker' },
  strategy: 'ExternalName',
  alias: 'vibethinker-gateway',
  justification: 'Evaluating competition problems for a seminar.',
  purpose: 'Research',
  durationDays: 7,
  quota,
}

const sampleGeneration = {
  binding: { namespace: 'research-team-a', name: 'vibethinker' },
  messages: [{ role: 'user', content: 'Solve x + 1 = 2.' }],
  sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 256 },
}

export const apiRoutes = {
  'GET /api/health': {
    access: everyone,
    says: 'whether the whole story can be told, and what keeps it from it',
  },
  'GET /api/people': {
    access: everyone,
    says: 'how one can sign in: the people of the demo, or a provider',
  },
  'GET /api/me': { access: signedIn, says: 'who I am and what I may do' },

  'GET /api/services': { access: signedIn, says: 'model services' },
  'GET /api/services/:namespace/:name': {
    access: review('get', services, 'path'),
    says: 'one model service',
  },

  'GET /api/bindings': { access: signedIn, says: 'bindings' },
  'POST /api/bindings': {
    access: review('create', bindings, 'body'),
    says: 'ask for access',
    sampleBody: sampleRequest,
  },
  'GET /api/bindings/:namespace/:name': {
    access: review('get', bindings, 'path'),
    says: 'one binding',
  },
  'PATCH /api/bindings/:namespace/:name': {
    access: review('update', bindings, 'path'),
    says: 'change what is asked for',
    sampleBody: { generation: 1, durationDays: 8 },
  },
  'DELETE /api/bindings/:namespace/:name': {
    access: review('delete', bindings, 'path'),
    says: 'withdraw a request, or end access and remove the binding',
  },
  'POST /api/bindings/:namespace/:name/decision': {
    access: review('approve', bindings, 'path'),
    says: 'approve or deny what was reviewed',
    sampleBody: {
      decision: 'approve',
      digest: `sha256:${'0'.repeat(64)}`,
      generation: 1,
      comment: '',
    },
  },
  'POST /api/bindings/:namespace/:name/release': {
    access: review('update', bindings, 'path'),
    says: 'give access back',
    sampleBody: { comment: 'No longer needed.' },
  },
  'POST /api/bindings/:namespace/:name/revoke': {
    access: review('revoke', bindings, 'path'),
    says: 'take access away',
    sampleBody: { comment: 'The quota is needed elsewhere.' },
  },
  'POST /api/bindings/:namespace/:name/retry': {
    access: review('approve', bindings, 'path'),
    says: 'run a failed run again',
  },
  'POST /api/bindings/:namespace/:name/test': {
    access: review('use', bindings, 'path'),
    says: 'try the connection: the models and one token, with times',
  },

  'GET /api/runs': { access: signedIn, says: 'runs' },
  'POST /api/runs': {
    access: review('create', runs, 'serving'),
    says: 'start a run of a task',
    sampleBody: { task: 'start-vibethinker-service', params: {}, why: 'An update of the engine.' },
  },
  'GET /api/runs/:namespace/:name': { access: asRun, says: 'one run' },
  'DELETE /api/runs/:namespace/:name': {
    access: review('delete', runs, 'path'),
    says: 'remove a run that has ended',
  },
  'POST /api/runs/:namespace/:name/cancel': {
    access: review('patch', runs, 'path'),
    says: 'cancel a run',
    sampleBody: { why: 'Started by mistake.' },
  },
  'POST /api/runs/:namespace/:name/rerun': {
    access: review('create', runs, 'path'),
    says: 'run the same again',
    sampleBody: { why: 'The image is there now.' },
  },
  'GET /api/runs/:namespace/:name/log': { access: asRun, says: 'its log, live', stream: true },
  'GET /api/runs/:namespace/:name/log.txt': {
    access: asRun,
    says: 'its log, as a file',
    stream: true,
  },

  'GET /api/tasks': { access: review('list', 'tasks.tekton.dev', 'serving'), says: 'tasks' },

  'GET /api/stream': { access: signedIn, says: 'lists, live', stream: true },

  'GET /api/generations': { access: signedIn, says: 'my generations' },
  'POST /api/generations': {
    // The binding to speak for stands in the body; the use case asks for the verb `use` on it.
    access: signedIn,
    says: 'ask the model',
    sampleBody: sampleGeneration,
  },
  'GET /api/generations/:id': { access: own, says: 'one generation' },
  'POST /api/generations/:id/stop': { access: own, says: 'stop it' },
  'GET /api/generations/:id/events': { access: own, says: 'its tokens, live', stream: true },
} as const satisfies Record<`${Method} /api/${string}`, RouteDeclaration>

export type RouteKey = keyof typeof apiRoutes

export type StreamKey = {
  [K in RouteKey]: (typeof apiRoutes)[K] extends { stream: true } ? K : never
}[RouteKey]

export type JsonKey = Exclude<RouteKey, StreamKey>

export type PathOf<K extends RouteKey> = K extends `${Method} ${infer P}` ? P : never

export type MethodOf<K extends RouteKey> = K extends `${infer M extends Method} ${string}`
  ? M
  : never

type ParamIn<P> = P extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer More}`
    ? Name | ParamIn<`/${More}`>
    : Rest
  : never

/** `{ namespace: string; name: string }` of `/api/bindings/:namespace/:name`. */
export type ParamsOf<K extends RouteKey> = Record<ParamIn<PathOf<K>>, string>

export const routeKeys = Object.keys(apiRoutes) as RouteKey[]

/** The route that a request means, with its parameters still as they came. */
export function matchRoute(
  method: string,
  pathname: string,
): { key: RouteKey; params: Record<string, string> } | undefined {
  const asked = pathname.split('/')
  for (const key of routeKeys) {
    const [routeMethod, path = ''] = key.split(' ')
    if (routeMethod !== method) continue
    const params = matchPath(path.split('/'), asked)
    if (params) return { key, params }
  }
  return undefined
}

function matchPath(pattern: string[], asked: string[]): Record<string, string> | undefined {
  if (pattern.length !== asked.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const value = asked[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodePart(value)
    else if (part !== value) return undefined
  }
  return params
}

/** A broken escape stays as it came: no name in Kubernetes holds a percent sign, so it is refused as a name. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
