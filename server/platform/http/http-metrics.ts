import type { ServerResponse } from 'node:http'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export type HttpMetrics = {
  /** Counts an exchange from now until its answer is out; `route` is one of ours, never a path as it was asked. */
  began(route: string, isStream: boolean, response: ServerResponse): void
}

export function httpMetrics(registry: Registry): HttpMetrics {
  const registers = [registry]
  const duration = new Histogram({
    name: 'bindery_web_request_duration_seconds',
    help: 'From the request to the end of the answer; streams are not among them.',
    labelNames: ['route', 'code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const opened = new Counter({
    name: 'bindery_web_streams_opened_total',
    help: 'Streams opened: lists, logs and tokens.',
    labelNames: ['route', 'code'],
    registers,
  })
  const open = new Gauge({
    name: 'bindery_web_streams_open',
    help: 'Streams that are open now.',
    labelNames: ['route'],
    registers,
  })
  return {
    began(route, isStream, response) {
      const startedMs = performance.now()
      if (isStream) open.inc({ route })
      response.once('close', () => {
        const code = response.statusCode
        if (isStream) {
          open.dec({ route })
          opened.inc({ route, code })
        } else duration.observe({ route, code }, (performance.now() - startedMs) / 1000)
      })
    },
  }
}
