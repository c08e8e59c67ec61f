import type { JsonKey, MethodOf, PathOf } from '#server/api-routes.ts'
import type { Method } from '#server/platform/model/route-declaration.ts'
import { auditRoutes } from './handlers/audit-handlers.ts'
import { bindingRoutes } from './handlers/binding-handlers.ts'
import { playgroundRoutes } from './handlers/playground-handlers.ts'
import { presetRoutes } from './handlers/preset-handlers.ts'
import { ringRoutes } from './handlers/ring-handlers.ts'
import { runRoutes } from './handlers/run-handlers.ts'
import { sessionRoutes } from './handlers/session-handlers.ts'
import { signInRoutes } from './handlers/sign-in-handlers.ts'
import { systemRoutes } from './handlers/system-handlers.ts'
import { type JsonRoute, nextHandler } from './route.ts'

/** Every declared route that is no stream has a handler here, or this does not compile. */
export const jsonRoutes: Record<JsonKey, JsonRoute> = {
  ...systemRoutes,
  ...sessionRoutes,
  ...signInRoutes,
  ...bindingRoutes,
  ...auditRoutes,
  ...runRoutes,
  ...ringRoutes,
  ...playgroundRoutes,
  ...presetRoutes,
}

type PathWith<P extends string, K extends JsonKey = JsonKey> = K extends JsonKey
  ? PathOf<K> extends P
    ? K
    : never
  : never

type Handlers<P extends PathOf<JsonKey>> = Record<
  MethodOf<PathWith<P>>,
  ReturnType<typeof nextHandler>
>

/** What an `app/api` file exports for its path: `export const { GET, POST } = handlersOf('/api/bindings')`. */
export function handlersOf<P extends PathOf<JsonKey>>(path: P): Handlers<P> {
  const handlers: Partial<Record<Method, ReturnType<typeof nextHandler>>> = {}
  for (const route of Object.values(jsonRoutes)) {
    const [method, itsPath] = route.key.split(' ')
    if (itsPath === path) handlers[method as Method] = nextHandler(route)
  }
  return handlers as Handlers<P>
}
