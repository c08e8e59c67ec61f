import type { IncomingMessage } from 'node:http'
import { parse } from 'yaml'
import { decodeProtobuf } from './protobuf/decode-protobuf.ts'
import { badRequest, tooLarge, unsupportedMediaType } from './status.ts'

const bodyBytesMax = 3 * 1024 * 1024

/** The whole body; refused above three mebibytes. */
export async function readBytes(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += chunk.length
    if (size > bodyBytesMax) throw tooLarge(bodyBytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The media type without its parameters. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/**
 * A body as JSON, YAML or protobuf, by its content type; undefined where there is none.
 * @param kind what should have come, for the message
 */
export function parseBody(bytes: Buffer, contentType: string, kind: string): unknown {
  if (bytes.length === 0) return undefined
  if (contentType === 'application/vnd.kubernetes.protobuf') return decodeProtobuf(bytes)
  const text = bytes.toString('utf8')
  if (contentType.endsWith('yaml')) return parseYaml(text)
  if (contentType !== '' && !contentType.endsWith('json')) throw unsupportedMediaType()
  try {
    return JSON.parse(text)
  } catch {
    const shown = text.length > 30 ? `${text.slice(0, 30)} ...` : text
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${goProblem(text)} (${shown})`,
    )
  }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 })
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : error}`)
  }
}

/** Go's words for the most common break: a text that stops too early. */
function goProblem(text: string): string {
  for (const closing of ['null', '"":null}', '"', '}', ']', 'null}', '"}']) {
    for (const depth of ['', '}', '}}', ']}', '}]}']) {
      try {
        JSON.parse(`${text}${closing}${depth}`)
        return 'unexpected end of JSON input'
      } catch {}
    }
  }
  const first = text.trimStart()[0] ?? ''
  return `invalid character '${first}' looking for beginning of value`
}
