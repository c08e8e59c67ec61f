import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { atomicMaps, listKeys, listSets, rootTypes, untypedMaps } from './list-types.ts'

/**
 * Writes builtin.jsonl: the schemas of the built-in kinds that this server knows, from the models of the official
 * client. Run by hand when the client is updated: `npx tsx server/lab/cluster/api/schemas/generate.ts`.
 */
const models = new URL(
  '../../../../node_modules/@kubernetes/client-node/dist/gen/models/',
  import.meta.url,
)

type Attribute = { baseName: string; type: string; format: string }
type Node = Record<string, unknown>

const definitions: Record<string, Node> = {}

function define(type: string): void {
  if (definitions[type]) return
  const definition: Node = { type: 'object' }
  definitions[type] = definition
  const script = readFileSync(new URL(`${type}.js`, models), 'utf8')
  const listed = /attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(script)?.[1]
  if (!listed) throw new Error(`no attributes found in the model ${type}`)
  const attributes: Attribute[] = JSON.parse(listed)
  const declared = documentedFields(readFileSync(new URL(`${type}.d.ts`, models), 'utf8'))
  const properties: Record<string, Node> = {}
  for (const { baseName, type: kind, format } of attributes) {
    const field = baseName === '$ref' ? '$ref' : baseName
    properties[field] = {
      ...nodeOf(kind, format, type, field),
      ...described(declared.texts.get(field)),
    }
  }
  Object.assign(definition, described(declared.about), { properties })
  if (declared.required.length > 0) definition.required = declared.required
  if (atomicMaps.has(type)) definition['x-kubernetes-map-type'] = 'atomic'
}

function nodeOf(kind: string, format: string, owner: string, field: string): Node {
  const list = /^(?:Array|Set)<(.*)>$/.exec(kind)?.[1]
  const path = `${owner}.${field}`
  if (list) {
    const node: Node = { type: 'array', items: nodeOf(list, format, owner, '') }
    const keys = listKeys[path] ?? (field === 'conditions' ? ['type'] : undefined)
    if (keys)
      return { ...node, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys }
    if (listSets.has(path)) return { ...node, 'x-kubernetes-list-type': 'set' }
    return { ...node, 'x-kubernetes-list-type': 'atomic' }
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(kind)?.[1]
  if (map) {
    const node: Node = { type: 'object', additionalProperties: nodeOf(map, format, owner, '') }
    return atomicMaps.has(path) ? { ...node, 'x-kubernetes-map-type': 'atomic' } : node
  }
  if (kind === 'IntOrString') return { 'x-kubernetes-int-or-string': true }
  if (kind === 'Date' || kind === 'V1MicroTime') return { type: 'string', format: 'date-time' }
  if (kind === 'any' || untypedMaps.has(kind))
    return { 'x-kubernetes-preserve-unknown-fields': true }
  if (kind === 'number')
    return { type: format.startsWith('int') ? 'integer' : 'number', ...(format ? { format } : {}) }
  if (kind === 'string' || kind === 'boolean') return { type: kind, ...(format ? { format } : {}) }
  define(kind)
  return { $ref: kind }
}

function documentedFields(text: string): {
  about: string
  required: string[]
  texts: Map<string, string>
} {
  const about = /\/\*\*\n\* ([^\n]*)\n\*\/\nexport declare class/.exec(text)?.[1] ?? ''
  const texts = new Map<string, string>()
  const required: string[] = []
  for (const [, comment, name, optional] of text.matchAll(
    /(?:\/\*\*\n\s+\* ([^\n]*)\n\s+\*\/\n\s+)?'([^'\n]+)'(\??): /g,
  )) {
    const field = name === '_continue' ? 'continue' : name?.replace(/^_/, '')
    if (!field) continue
    if (comment) texts.set(field, comment)
    if (!optional) required.push(field)
  }
  return { about, required, texts }
}

/** First sentences only: enough for `kubectl explain`, a fifth of the size. */
function described(text: string | undefined): Node {
  if (!text) return {}
  const plain = text.replaceAll("\\'", "'").replaceAll('\\"', '"')
  return { description: /^.{20,}?[.](?= |$)/.exec(plain)?.[0] ?? plain }
}

for (const type of rootTypes) define(type)
const target = fileURLToPath(new URL('./builtin.jsonl', import.meta.url))
const lines = Object.entries(definitions).map(
  ([name, node]) => `${JSON.stringify(name)}:${JSON.stringify(node)}`,
)
writeFileSync(target, `{\n${lines.sort().join(',\n')}\n}\n`)
