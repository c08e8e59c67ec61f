import { apiRoutes, type RouteKey, routeKeys } from '#server/api-routes.ts'
import type { RouteAccess, RouteDeclaration } from '#server/platform/model/route-declaration.ts'
import type { Person } from './people.ts'

export type IsolationCase = {
  key: RouteKey
  method: string
  path: string
  body?: object
  /** Undefined: nobody is signed in. */
  person: Person | undefined
  /** True where RBAC lets the person pass; the answer may still be that there is nothing. */
  passes: boolean
}

/** What every route is asked about: a team's own binding, and runs and answers that others made. */
const target = { namespace: 'research-team-a', name: 'no-such-object', id: crypto.randomUUID() }
const serving = 'model-serving-prod'

const tenantOf: Partial<Record<Person, string>> = {
  ada: 'research-team-a',
  bo: 'research-team-b',
  lin: 'lecture-hall',
}

const tenantVerbs = ['get', 'create', 'update', 'delete', 'use']
const everyonesReads = ['modelservices.bindery.dev']

/** Every route with every person: a route that is added to the table is in here without being told. */
export function isolationCases(): IsolationCase[] {
  const persons = [undefined, 'ada', 'bo', 'lin', 'grace'] as const
  return routeKeys.flatMap((key) =>
    persons.map((person) => {
      const route: RouteDeclaration = apiRoutes[key]
      const query = route.sampleQuery ? `?${route.sampleQuery}` : ''
      const [method = '', pattern = ''] = key.split(' ')
      const onRuns = pattern.startsWith('/api/runs/')
      const namespace = onRuns || pattern.startsWith('/api/services/') ? serving : target.namespace
      return {
        key,
        method,
        path:
          pattern
            .replace(':namespace', namespace)
            .replace(':name', target.name)
            .replace(':id', target.id) + query,
        body: method === 'GET' || method === 'DELETE' ? undefined : (route.sampleBody ?? {}),
        person,
        passes: mayPass(route.access, person) && maySpeakFor(route.sampleBody, person),
      }
    }),
  )
}

function mayPass(access: RouteAccess, person: Person | undefined): boolean {
  if (access.type === 'public') return true
  if (!person) return false
  if (access.type === 'signed-in') return true
  // What there is not looks the same to everybody: nothing is said of whether it exists.
  if (access.type === 'run' || access.type === 'own') return false
  if (person === 'grace') return true
  if (everyonesReads.includes(access.resource)) return true
  return (
    access.resource === 'modelbindings.bindery.dev' &&
    tenantOf[person] === target.namespace &&
    tenantVerbs.includes(access.verb)
  )
}

/** A body that names a binding to speak for is let through only where the person may use that one. */
function maySpeakFor(body: object | undefined, person: Person | undefined): boolean {
  if (!body || !('variants' in body)) return true
  return person === 'ada' || person === 'grace'
}
