import type { JsonKey } from '#server/api-routes.ts'
import { auditRoutes } from './handlers/audit-handlers.ts'
import { bindingRoutes } from './handlers/binding-handlers.ts'
import { playgroundRoutes } from './handlers/playground-handlers.ts'
import { presetRoutes } from './handlers/preset-handlers.ts'
import { ringRoutes } from './handlers/ring-handlers.ts'
import { runRoutes } from './handlers/run-handlers.ts'
import { sessionRoutes } from './handlers/session-handlers.ts'
import { signInRoutes } from './handlers/sign-in-handlers.ts'
import { systemRoutes } from './handlers/system-handlers.ts'
import { openApiRoutes } from './openapi.ts'
import type { JsonRoute } from './route.ts'

const documented = {
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

/** Every declared route that is no stream has a handler here, or this does not compile. */
export const jsonRoutes: Record<JsonKey, JsonRoute> = {
  ...documented,
  ...openApiRoutes(documented),
}
