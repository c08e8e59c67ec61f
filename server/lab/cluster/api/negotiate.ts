import { notAcceptable } from './status.ts'

/** What a client wants to read. */
export type Accepted = {
  media: 'json' | 'yaml'
  /** `Table`, `PartialObjectMetadata`, `APIGroupDiscoveryList`, …; undefined: the object itself. */
  as?: string
  group?: string
  version?: string
}

/** The first of the offered media types that this server speaks. Protobuf is never among them. */
export function negotiate(
  accept: string | undefined,
  allowed: (one: Accepted) => boolean,
): Accepted {
  if (!accept) return { media: 'json' }
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((one) => one.trim())
    const media = mediaOf(type)
    if (!media) continue
    const given = new Map(parameters.map((one): [string, string] => splitOnce(one)))
    const as = given.get('as')
    const candidate: Accepted = {
      media,
      ...(as === undefined
        ? {}
        : { as, group: given.get('g') ?? '', version: given.get('v') ?? '' }),
    }
    if (as === undefined || allowed(candidate)) return candidate
  }
  throw notAcceptable()
}

function mediaOf(type: string): 'json' | 'yaml' | undefined {
  if (['application/json', '*/*', 'application/*', 'text/*'].includes(type)) return 'json'
  return ['application/yaml', 'text/yaml'].includes(type) ? 'yaml' : undefined
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
