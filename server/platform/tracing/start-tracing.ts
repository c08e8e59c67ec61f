import type { IdGenerator } from '@opentelemetry/sdk-trace-node'
import type { Config } from '#server/platform/config.ts'
import { isTracing, takeIds } from './spans.ts'

export type Tracing = { stop(): Promise<void> }

const stopMs = 3_000

/**
 * Sends spans to a collector by OTLP over HTTP where `OTEL_EXPORTER_OTLP_ENDPOINT` is set; elsewhere nothing is loaded. Headers,
 * sampler, batch sizes and resource attributes are the SDK's own variables (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, …).
 */
export async function startTracing(
  process: string,
  { OTEL_EXPORTER_OTLP_ENDPOINT }: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
): Promise<Tracing> {
  if (!OTEL_EXPORTER_OTLP_ENDPOINT) return { stop: async () => {} }
  const [
    { BatchSpanProcessor, NodeTracerProvider, RandomIdGenerator },
    { OTLPTraceExporter },
    sdk,
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const random = new RandomIdGenerator()
  const idGenerator: IdGenerator = {
    generateTraceId: () => takeIds('traceId') ?? random.generateTraceId(),
    generateSpanId: () => takeIds('spanId') ?? random.generateSpanId(),
  }
  const named = sdk.resourceFromAttributes({
    'service.name': `bindery-${process}`,
    'service.namespace': 'bindery',
  })
  const provider = new NodeTracerProvider({
    idGenerator,
    // What the environment says of the resource is more than we know.
    resource: named.merge(sdk.detectResources({ detectors: [sdk.envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  provider.register()
  isTracing(true)
  return {
    async stop() {
      isTracing(false)
      // A collector that is away holds up nobody's end.
      await Promise.race([
        provider.shutdown().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, stopMs).unref()),
      ])
    },
  }
}
