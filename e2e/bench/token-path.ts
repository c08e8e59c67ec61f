import { gapsOf, percentile, rounded } from './numbers.ts'
import { cpuMs } from './process-tree.ts'
import { type Arrivals, readStream } from './read-stream.ts'

/** One way to the engine: what is between it and the caller. */
export type Way = {
  name: string
  /** Asks for an answer of so many tokens and reads it to its end. */
  ask(tokens: number): Promise<Arrivals>
  /** What carries the tokens on this way, where that can be told apart. */
  pids?: number[]
}

export type LowLoad = {
  way: string
  ttftMs: { p50: number; p95: number }
  addedTtftMs: number
  gapMs: { p50: number; p99: number }
  addedGapP99Ms: number
}

export type HighLoad = {
  way: string
  streams: number
  tokens: number
  seconds: number
  ttftP95Ms: number
  gapP99Ms: number
  cpuMicrosPerToken?: number
}

/** One answer at a time, the ways in turn, so that what else the machine does falls on all of them alike. */
export async function measureLowLoad(ways: Way[], rounds: number): Promise<LowLoad[]> {
  const tokens = 12
  const seen = ways.map(() => ({ ttft: [] as number[], gaps: [] as number[] }))
  const warmUps = 3
  for (let round = -warmUps; round < rounds; round++) {
    for (const turn of ways.keys()) {
      // Whoever comes first wakes the machine up: each way takes its turn at that.
      const i = (turn + round + warmUps) % ways.length
      const { tokensAtMs } = (await ways[i]?.ask(tokens)) ?? { tokensAtMs: [] }
      if (round < 0) continue
      seen[i]?.ttft.push(tokensAtMs[0] ?? Number.NaN)
      seen[i]?.gaps.push(...gapsOf(tokensAtMs))
    }
  }
  const direct = seen[0] ?? { ttft: [], gaps: [] }
  return ways.map(({ name }, i) => {
    const { ttft, gaps } = seen[i] ?? direct
    // Within a round the machine is the same for all: the median of the differences is calmer than that of the medians.
    const added = ttft.map((ms, round) => ms - (direct.ttft[round] ?? ms))
    return {
      way: name,
      ttftMs: { p50: rounded(percentile(ttft, 0.5)), p95: rounded(percentile(ttft, 0.95)) },
      addedTtftMs: rounded(percentile(added, 0.5)),
      gapMs: { p50: rounded(percentile(gaps, 0.5)), p99: rounded(percentile(gaps, 0.99)) },
      addedGapP99Ms: rounded(percentile(gaps, 0.99) - percentile(direct.gaps, 0.99)),
    }
  })
}

/** Many answers at once on each way alone, and what its processes used of the CPU for each token. */
export async function measureHighLoad(
  ways: Way[],
  streams: number,
  tokens: number,
): Promise<HighLoad[]> {
  const results: HighLoad[] = []
  for (const { name, ask, pids } of ways) {
    // Connections are opened before time is taken.
    await Promise.all(Array.from({ length: streams }, () => ask(2)))
    const cpuBefore = pids && cpuMs(pids)
    const startedMs = performance.now()
    const answers = await Promise.all(Array.from({ length: streams }, () => ask(tokens)))
    const seconds = (performance.now() - startedMs) / 1000
    const used = pids && cpuBefore !== undefined ? cpuMs(pids) - cpuBefore : undefined
    const came = answers.reduce((sum, { tokensAtMs }) => sum + tokensAtMs.length, 0)
    const firsts = answers.map(({ tokensAtMs }) => tokensAtMs[0] ?? Number.NaN)
    const gaps = answers.flatMap(({ tokensAtMs }) => gapsOf(tokensAtMs))
    results.push({
      way: name,
      streams,
      tokens: came,
      seconds: rounded(seconds),
      ttftP95Ms: rounded(percentile(firsts, 0.95)),
      gapP99Ms: rounded(percentile(gaps, 0.99)),
      cpuMicrosPerToken: used === undefined ? undefined : rounded((used * 1000) / came, 1),
    })
  }
  return results
}

/** OpenAI's own protocol: the engine, nginx before it, and the gateway. */
export function chatWay(
  name: string,
  url: string,
  headers: Record<string, string> = {},
  pids?: number[],
): Way {
  return {
    name,
    pids,
    ask: (tokens) =>
      readStream(
        'POST',
        `${url}/v1/chat/completions`,
        { 'content-type': 'application/json', ...headers },
        JSON.stringify({
          model: 'bindery/demo-solver',
          stream: true,
          max_tokens: tokens,
          messages: [{ role: 'user', content: `#bench:${tokens}` }],
        }),
        /"(content|reasoning)":"[^"]/,
      ),
  }
}
