import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { isMap } from '#server/lab/cluster/api/apply/typed-value.ts'
import { badRequest, StatusError } from '#server/lab/cluster/api/status.ts'
import { messages } from './messages.ts'

type Field = { name: string; type: string; repeated: boolean; isMap: boolean }

const magic = Buffer.from('k8s\0')
const parsed = new Map<string, Map<number, Field>>()

/**
 * A body that kubectl's typed commands (`create configmap`, `auth can-i`) send as protobuf, as the JSON that it means.
 * Kinds and fields that the table does not know are refused: dropping them silently would change what was asked.
 */
export function decodeProtobuf(bytes: Buffer): unknown {
  if (!bytes.subarray(0, magic.length).equals(magic))
    throw badRequest(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    )
  try {
    const unknown = decodeMessage('Unknown', bytes.subarray(magic.length))
    const { typeMeta, raw } = unknown
    const { apiVersion, kind } = isMap(typeMeta) ? typeMeta : {}
    if (typeof kind !== 'string' || !Object.hasOwn(messages, kind) || !(raw instanceof Uint8Array))
      throw unsupported(`a ${String(kind)}`)
    return { apiVersion, kind, ...decodeMessage(kind, raw) }
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw badRequest(`error decoding protobuf: ${error instanceof Error ? error.message : error}`)
  }
}

function decodeMessage(type: string, bytes: Uint8Array): Record<string, unknown> {
  const fields = fieldsOf(type)
  const reader = new BinaryReader(bytes)
  const result: Record<string, unknown> = {}
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const field = fields.get(number)
    if (!field) {
      // `Empty` stands for parts that a client never fills: whatever Go writes into them by default is skipped.
      if (type !== 'Empty') throw unsupported(`field ${number} of ${type}`)
      reader.skip(wireType, number)
    } else if (field.isMap) {
      const [key, value] = decodeEntry(field.type, reader.bytes())
      const known = result[field.name]
      result[field.name] = { ...(isMap(known) ? known : {}), [key]: value }
    } else {
      const value = decodeField(field.type, reader, wireType)
      if (!field.repeated) result[field.name] = value
      else {
        const list = result[field.name]
        result[field.name] = [...(Array.isArray(list) ? list : []), value]
      }
    }
  }
  return withoutZeros(type, result)
}

function decodeField(type: string, reader: BinaryReader, wireType: WireType): unknown {
  switch (type) {
    case 'string':
      return reader.string()
    case 'bytes':
      return reader.bytes()
    case 'base64':
      return Buffer.from(reader.bytes()).toString('base64')
    case 'int':
      return Number(reader.int64())
    case 'bool':
      return reader.bool()
    default: {
      if (wireType !== WireType.LengthDelimited) throw new Error(`a ${type} is no message`)
      return plainValue(type, decodeMessage(type, reader.bytes()))
    }
  }
}

function decodeEntry(type: string, bytes: Uint8Array): [string, unknown] {
  const reader = new BinaryReader(bytes)
  let key = ''
  let value: unknown = ''
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (number === 1) key = reader.string()
    else value = decodeField(type, reader, wireType)
  }
  return [key, value]
}

/** Messages that JSON writes as plain values. */
function plainValue(type: string, message: Record<string, unknown>): unknown {
  if (type === 'Quantity') return message.string ?? '0'
  if (type === 'IntOrString')
    return message.type === 1 ? (message.strVal ?? '') : (message.intVal ?? 0)
  if (type !== 'Time') return message
  const seconds = Number(message.seconds ?? 0)
  return seconds > 0 ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : undefined
}

/** Go writes zero values of plain fields; in JSON they are left out, save where they were asked for. */
function withoutZeros(type: string, message: Record<string, unknown>): Record<string, unknown> {
  const keepsZeros = ['DeploymentSpec', 'DeleteOptions', 'IntOrString', 'PriorityClass', 'EnvVar']
  if (keepsZeros.includes(type)) return message
  return Object.fromEntries(
    Object.entries(message).filter(
      ([, value]) => value !== '' && value !== 0 && value !== undefined,
    ),
  )
}

function fieldsOf(type: string): Map<number, Field> {
  const known = parsed.get(type)
  if (known) return known
  const text = messages[type] ?? ''
  const fields = text === '' ? [] : text.split(', ').map(parseField)
  const table = new Map(fields)
  parsed.set(type, table)
  return table
}

function parseField(text: string): [number, Field] {
  const [number = '', name = '', type = ''] = text.split(' ')
  const isMapField = type.startsWith('map:')
  return [
    Number(number),
    {
      name,
      type: isMapField ? type.slice(4) : type.replace('*', ''),
      repeated: type.startsWith('*'),
      isMap: isMapField,
    },
  ]
}

function unsupported(what: string): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the embedded cluster cannot read ${what} as protobuf: send it as application/json (kubectl create -f, kubectl apply)`,
  )
}
