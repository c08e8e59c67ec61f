import type { JsonKey, MethodOf, PathOf } from '#server/domain/api-routes.ts'
import type { Method } from '#server/domain/routes/declaration.ts'
import { auditRoutes } from './audit-routes.ts'
import { bindingRoutes } from './binding-routes.ts'
import { playgroundRoutes } from './playground-routes.ts'
import { presetRoutes } from './preset-routes.ts'
import { ringRoutes } from './ring-routes.ts'
import { type JsonRoute, nextHandler } from './route.ts'
import { runRoutes } from './run-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { signInRoutes } from './sign-in-routes.ts'
import { systemRoutes } from './system-routes.ts'

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
