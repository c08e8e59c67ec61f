import type { IncomingMessage } from 'node:http'
import type { ApiPath } from './parse-path.ts'
import { invalid } from './status.ts'
import type { User } from './user.ts'
import { isTrue } from './verbs/watch-objects.ts'
import type { WriteOptions } from './verbs/write-options.ts'

const managerMax = 128

/** The RBAC verb of a request. */
export function verbOf(method: string, path: ApiPath, query: URLSearchParams): string | undefined {
  const named = path.name !== undefined
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (path.subresource === undefined && isTrue(query.get('watch'))) return 'watch'
      return named ? 'get' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return named ? 'delete' : 'deletecollection'
    default:
      return undefined
  }
}

/** How a write is meant, from its query and its user agent. */
export function writeOptionsOf(
  incoming: IncomingMessage,
  query: URLSearchParams,
  user: User,
  subresource: string | undefined,
  warn: (sentence: string) => void,
): WriteOptions {
  const validation = query.get('fieldValidation') ?? ''
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(validation))
    throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: "${validation}": supported values: "", "Ignore", "Strict", "Warn"`,
        field: 'fieldValidation',
      },
    ])
  return {
    user,
    manager: managerOf(incoming, query),
    dryRun: isDryRun(query),
    subresource,
    fieldValidation: validation === 'Ignore' || validation === 'Strict' ? validation : 'Warn',
    warn,
  }
}

export function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter((one) => one !== '')
  const bad = values.find((one) => one !== 'All')
  if (bad === undefined) return values.length > 0
  throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [
    {
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(bad)}: supported values: "All"`,
      field: 'dryRun',
    },
  ])
}

function managerOf(incoming: IncomingMessage, query: URLSearchParams): string {
  const given = query.get('fieldManager')
  if (given) return given.slice(0, managerMax)
  const agent = incoming.headers['user-agent']?.split('/')[0] ?? ''
  return agent === '' ? 'unknown' : agent.slice(0, managerMax)
}
