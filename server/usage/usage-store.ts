import type pg from 'pg'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import type { Store } from '#server/store.ts'

type UsageStore = Pick<Store, 'recordUsage' | 'tokensUsedSince' | 'usageOf' | 'ringUsage'>

type SumsRow = { requests: string; promptTokens: string; completionTokens: string }

const insertSql = `
  insert into usage (namespace, binding, caller, route, ring, status, prompt_tokens,
    completion_tokens, ttft_ms, duration_ms, at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

type RingRow = {
  ring: string
  requests: string
  errors: string
  ttft_p50: number | null
  ttft_p95: number | null
  tokens: string
  decode_p50: number | string | null
}

export function usageStore(pool: pg.Pool): UsageStore {
  async function usageOf(binding: { namespace: string; name: string }, since: Date) {
    const { rows } = await pool.query<SumsRow>(
      `select count(*) as requests,
        coalesce(sum(prompt_tokens), 0) as "promptTokens",
        coalesce(sum(completion_tokens), 0) as "completionTokens"
      from usage where namespace = $1 and binding = $2 and at >= $3`,
      [binding.namespace, binding.name, since],
    )
    const [sums] = rows
    // Sums are bigint, which the driver gives as text.
    return {
      requests: Number(sums?.requests ?? 0),
      promptTokens: Number(sums?.promptTokens ?? 0),
      completionTokens: Number(sums?.completionTokens ?? 0),
    }
  }

  async function ringUsage(bindings: { namespace: string; name: string }[], since: Date) {
    // A caller that left (499) or asked wrongly says nothing about the engine; an answer without tokens has no rate.
    const { rows } = await pool.query<RingRow>(
      `
      select u.ring,
        count(*) as requests,
        count(*) filter (where u.status >= 500) as errors,
        percentile_cont(0.5) within group (order by u.ttft_ms) filter (where u.status < 400) as ttft_p50,
        percentile_cont(0.95) within group (order by u.ttft_ms) filter (where u.status < 400) as ttft_p95,
        sum(u.completion_tokens) as tokens,
        percentile_cont(0.5) within group (
          order by 1000.0 * (u.completion_tokens - 1) / (u.duration_ms - u.ttft_ms)
        ) filter (where u.completion_tokens > 1 and u.duration_ms > u.ttft_ms) as decode_p50
      from usage u
      join unnest($1::text[], $2::text[]) as b(namespace, name)
        on u.namespace = b.namespace and u.binding = b.name
      where u.at >= $3
      group by u.ring`,
      [bindings.map(({ namespace }) => namespace), bindings.map(({ name }) => name), since],
    )
    return rows.map((row) => ({
      ring: row.ring,
      requests: Number(row.requests),
      errors: Number(row.errors),
      ttftP50Ms: row.ttft_p50 ?? undefined,
      ttftP95Ms: row.ttft_p95 ?? undefined,
      completionTokens: Number(row.tokens),
      // Numeric, which the driver gives as text.
      decodeRateP50: row.decode_p50 === null ? undefined : Number(row.decode_p50),
    }))
  }

  return {
    ringUsage: (bindings, since) => translated(() => ringUsage(bindings, since)),
    recordUsage: (record) =>
      translated(async () => {
        await pool.query(insertSql, [
          record.namespace,
          record.binding,
          record.caller,
          record.route,
          record.ring,
          record.status,
          record.promptTokens,
          record.completionTokens,
          record.ttftMs ?? null,
          record.durationMs,
          record.at,
        ])
      }),
    usageOf: (binding, since) => translated(() => usageOf(binding, since)),
    tokensUsedSince: (binding, since) =>
      translated(async () => {
        const { promptTokens, completionTokens } = await usageOf(binding, since)
        return promptTokens + completionTokens
      }),
  }
}
