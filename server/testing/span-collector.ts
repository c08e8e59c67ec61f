import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'

type Value = { stringValue?: string; intValue?: number | string; boolValue?: boolean }
type Told = {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  kind: number
  links?: { traceId: string; spanId: string }[]
  attributes: { key: string; value: Value }[]
}
export type CollectedSpan = Omit<Told, 'attributes' | 'links'> & {
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
}

type TraceExport = { resourceSpans: { scopeSpans: { spans: Told[] }[] }[] }

/** A collector that takes OTLP over HTTP as JSON, and nothing else, and keeps every span. */
export async function startCollector() {
  const spans: CollectedSpan[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const isTraces = request.url === '/v1/traces'
      if (isTraces) spans.push(...spansOf(JSON.parse(String(Buffer.concat(chunks)))))
      response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
    })
  })
  const url = await listenLocal(server)
  return {
    url,
    /** The first of this name in this trace, once it has come. */
    async span(name: string, traceId: string): Promise<CollectedSpan> {
      const find = () => spans.find((span) => span.name === name && span.traceId === traceId)
      await expect.poll(find, { timeout: 20_000 }).toBeDefined()
      const found = find()
      if (!found) throw new Error(`No span ${name}`)
      return found
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Its address, on a free port. */
export async function listenLocal(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

function spansOf({ resourceSpans }: TraceExport): CollectedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes, links = [], ...span }) => ({
        ...span,
        links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, plainOf(value)])),
      })),
    ),
  )
}

function plainOf({ stringValue, intValue, boolValue }: Value): unknown {
  return stringValue ?? (intValue === undefined ? boolValue : Number(intValue))
}
