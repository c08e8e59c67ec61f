import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { type Included, metadataOnly, tableOfObjects } from './discovery/table.ts'
import type { Accepted } from './negotiate.ts'
import type { ApiPath } from './parse-path.ts'
import type { Served } from './registry.ts'
import { sendObject } from './respond.ts'
import { badRequest } from './status.ts'
import type { User } from './user.ts'
import { fromStored } from './verbs/write-options.ts'

export type ResourceRequest = {
  incoming: IncomingMessage
  response: ServerResponse
  path: ApiPath
  query: URLSearchParams
  verb: string
  user: User
  /** Aborts when the caller goes away or the cluster closes. */
  signal: AbortSignal
  /** Whether the same user may do something else with the same object. */
  may(verb: string): boolean
}

/** One object, as the client asked to see it. */
export function sendOne(
  served: Served,
  { response, query }: ResourceRequest,
  { as, media }: Accepted,
  status: number,
  stored: KubeObject,
  warnings: string[] = [],
): void {
  const object = fromStored(served, stored)
  const { resourceVersion, ...unversioned } = object.metadata
  // Only a dry run has none.
  const whole = resourceVersion === '' ? { ...object, metadata: unversioned } : object
  const body =
    as === 'Table'
      ? tableOfObjects(served, [object], { resourceVersion }, includedIn(query))
      : as === 'PartialObjectMetadata'
        ? metadataOnly(object)
        : whole
  sendObject(response, status, body, media, warnings)
}

/** How much of the objects the rows of a Table shall carry. */
export function includedIn(query: URLSearchParams): Included {
  const asked = query.get('includeObject') ?? ''
  if (asked === 'None' || asked === 'Object') return asked
  if (asked === '' || asked === 'Metadata') return 'Metadata'
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`)
}
