import type { ServerResponse } from 'node:http'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { UsageRecord } from '#server/usage/model/usage-record.ts'

export type GatewayMetrics = {
  /** Counts an exchange from now until its answer is out. */
  began(response: ServerResponse): void
  /** What one answer used, as it is written to the store. */
  used(record: UsageRecord): void
}

/** From a prompt that was cached to a card that is full. */
const firstTokenSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** Up to the quarter of an hour that a long proof takes. */
const answerSeconds = [0.1, 0.5, 1, 5, 15, 60, 180, 300, 600, 900]

/** No label names a tenant: how many there are is not bounded. What each used stands in PostgreSQL. */
export function gatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry]
  const requests = new Counter({
    name: 'bindery_gateway_requests_total',
    help: 'Requests answered, by status code.',
    labelNames: ['code'],
    registers,
  })
  const inFlight = new Gauge({
    name: 'bindery_gateway_requests_in_flight',
    help: 'Requests whose answer is not out yet.',
    registers,
  })
  const duration = new Histogram({
    name: 'bindery_gateway_answer_duration_seconds',
    help: 'From the request to the end of the answer, of requests that reached an engine.',
    labelNames: ['ring'],
    buckets: answerSeconds,
    registers,
  })
  const firstToken = new Histogram({
    name: 'bindery_gateway_time_to_first_token_seconds',
    help: 'From the request to the first token.',
    labelNames: ['ring'],
    buckets: firstTokenSeconds,
    registers,
  })
  const tokens = new Counter({
    name: 'bindery_gateway_tokens_total',
    help: 'Tokens as the engines counted them.',
    labelNames: ['ring', 'type'],
    registers,
  })
  return {
    began(response) {
      inFlight.inc()
      response.once('close', () => {
        inFlight.dec()
        requests.inc({ code: response.statusCode })
      })
    },
    used({ ring, promptTokens, completionTokens, ttftMs, durationMs }) {
      duration.observe({ ring }, durationMs / 1000)
      if (ttftMs !== undefined) firstToken.observe({ ring }, ttftMs / 1000)
      tokens.inc({ ring, type: 'prompt' }, promptTokens)
      tokens.inc({ ring, type: 'completion' }, completionTokens)
    },
  }
}
