import { z } from 'zod'
import { apiRoutes, type RouteKey, routeKeys } from '#server/api-routes.ts'
import type { RouteAccess, RouteDeclaration } from '#server/platform/model/route-declaration.ts'
import { type JsonRoute, route } from './route.ts'

type Taken = Partial<Record<RouteKey, JsonRoute>>

/** `GET /api/openapi.json`: made once from the route table and the schemas that parse what each route takes. */
export function openApiRoutes(documented: Taken) {
  let document: object | undefined
  return {
    'GET /api/openapi.json': route('GET /api/openapi.json', {
      async handle() {
        document ??= openApiDocument(documented)
        return document
      },
    }),
  }
}

/** OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1). `x-access` states what the wrapper asks before the handler runs. */
export function openApiDocument(documented: Taken): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const key of routeKeys) {
    const [method = '', path = ''] = key.split(' ')
    const shown = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[shown] = { ...paths[shown], [method.toLowerCase()]: operationOf(key, documented[key]) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Bindery', version: '1', license: { name: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'session' } },
      schemas: { Error: errorSchema },
    },
  }
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
}

const failure = {
  description: 'What happened, and what to do.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}

function operationOf(key: RouteKey, json: JsonRoute | undefined): object {
  const { access, says, stream, sampleBody }: RouteDeclaration = apiRoutes[key]
  const inPath = [...key.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const query = json?.takes.query ? queryParameters(json.takes.query) : []
  const body = json?.takes.body
  const media = stream ? { 'text/event-stream': {} } : { 'application/json': {} }
  return {
    summary: says,
    'x-access': accessOf(access),
    ...(access.type === 'public' ? { security: [] } : { security: [{ session: [] }] }),
    ...(inPath.length + query.length > 0 ? { parameters: [...inPath, ...query] } : {}),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: jsonSchemaOf(body), example: sampleBody },
            },
          },
        }
      : {}),
    responses: { '2XX': { description: says, content: media }, default: failure },
  }
}

function queryParameters(schema: z.ZodType): object[] {
  const { properties = {}, required = [] } = jsonSchemaOf(schema)
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property,
  }))
}

function jsonSchemaOf(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}

function accessOf(access: RouteAccess): string {
  if (access.type !== 'review') return access.type
  return `${access.verb} ${access.resource} in ${access.in}`
}
