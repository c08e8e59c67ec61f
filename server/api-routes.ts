import { accessDeclarations } from './access/routes.ts'
import { auditDeclarations } from './audit/routes.ts'
import type { Declarations, Method } from './platform/model/route-declaration.ts'
import { codeBoxDeclarations } from './playground/code-box-routes.ts'
import { presetDeclarations } from './playground/preset-routes.ts'
import { playgroundDeclarations } from './playground/routes.ts'
import { sessionDeclarations } from './processes/web/session-routes.ts'
import { systemDeclarations } from './processes/web/system-routes.ts'
import { runDeclarations } from './runs/routes.ts'
import { ringDeclarations } from './serving/routes.ts'

/**
 * Every route of the API, what it needs, and an example: the one list from which the handlers are typed, the isolation
 * tests take their cases, and readers learn what there is.
 */
export const apiRoutes = {
  ...systemDeclarations,
  ...sessionDeclarations,
  ...accessDeclarations,
  ...auditDeclarations,
  ...runDeclarations,
  ...ringDeclarations,
  ...playgroundDeclarations,
  ...presetDeclarations,
  ...codeBoxDeclarations,
} as const satisfies Declarations

export type RouteKey = keyof typeof apiRoutes

export type StreamKey = {
  [K in RouteKey]: (typeof apiRoutes)[K] extends { stream: true } ? K : never
}[RouteKey]

export type JsonKey = Exclude<RouteKey, StreamKey>

/** JSON that Next is not asked for. */
export type NativeKey = {
  [K in RouteKey]: (typeof apiRoutes)[K] extends { native: true } ? K : never
}[RouteKey]

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

const patterns = routeKeys.map((key) => {
  const [method = '', path = ''] = key.split(' ')
  return { key, method, parts: path.split('/') }
})

/** The route that a request means, with its parameters still as they came. */
export function matchRoute(
  method: string,
  pathname: string,
): { key: RouteKey; params: Record<string, string> } | undefined {
  const asked = pathname.split('/')
  for (const { key, parts, ...pattern } of patterns) {
    if (pattern.method !== method) continue
    const params = matchPath(parts, asked)
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
