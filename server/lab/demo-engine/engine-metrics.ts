import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export type EngineMetrics = {
  prompt(tokens: number): void
  firstToken(seconds: number): void
  queued(seconds: number): void
  /** One decoded token: the time since the one before it, in the same choice. */
  token(sinceLastSeconds: number | undefined): void
  finished(reason: 'stop' | 'length' | 'abort' | 'error', seconds: number): void
  render(): Promise<string>
  contentType: string
}

type Load = { running(): number; waiting(): number; cacheUsage(): number }

const latencies = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10]

/** The metrics of vLLM that dashboards read, by its names and labels. */
export function createEngineMetrics(model: string, load: Load): EngineMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ model_name: model, engine: '0' })
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('vllm:num_requests_running', 'Choices being generated.', load.running)
  gauge('vllm:num_requests_waiting', 'Requests waiting for a slot.', load.waiting)
  gauge('vllm:kv_cache_usage_perc', 'Used share of the cache, 0 to 1.', load.cacheUsage)
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const promptTokens = counter('vllm:prompt_tokens_total', 'Prompt tokens read.')
  const generationTokens = counter('vllm:generation_tokens_total', 'Tokens generated.')
  const success = new Counter({
    name: 'vllm:request_success_total',
    help: 'Requests ended, by reason.',
    labelNames: ['finished_reason'],
    registers,
  })
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers })
  const ttft = histogram('vllm:time_to_first_token_seconds', 'Request to first token.', latencies)
  const gaps = histogram('vllm:inter_token_latency_seconds', 'Token to token.', latencies)
  const waits = histogram('vllm:request_queue_time_seconds', 'Time spent waiting.', latencies)
  const whole = histogram(
    'vllm:e2e_request_latency_seconds',
    'Request to last token.',
    [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960],
  )
  for (const reason of ['stop', 'length', 'abort', 'error'])
    success.inc({ finished_reason: reason }, 0)
  return {
    prompt: (tokens) => promptTokens.inc(tokens),
    firstToken: (seconds) => ttft.observe(seconds),
    queued: (seconds) => waits.observe(seconds),
    token(sinceLastSeconds) {
      generationTokens.inc()
      if (sinceLastSeconds !== undefined) gaps.observe(sinceLastSeconds)
    },
    finished(reason, seconds) {
      success.inc({ finished_reason: reason })
      whole.observe(seconds)
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
