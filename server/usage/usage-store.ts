import { and, eq, gte, sql } from 'drizzle-orm'
import { type Database, translated } from '#server/platform/postgres/database.ts'
import { usage } from '#server/platform/postgres/schema.ts'
import type { Store } from '#server/store.ts'

type UsageStore = Pick<Store, 'recordUsage' | 'tokensUsedSince' | 'usageOf' | 'ringUsage'>

type RingRow = {
  ring: string
  requests: string
  errors: string
  ttft_p50: number | null
  ttft_p95: number | null
  tokens: string
  decode_p50: number | string | null
}

export function usageStore(database: Database): UsageStore {
  async function usageOf(binding: { namespace: string; name: string }, since: Date) {
    const [sums] = await database
      .select({
        requests: sql<string>`count(*)`,
        promptTokens: sql<string>`coalesce(sum(${usage.promptTokens}), 0)`,
        completionTokens: sql<string>`coalesce(sum(${usage.completionTokens}), 0)`,
      })
      .from(usage)
      .where(
        and(
          eq(usage.namespace, binding.namespace),
          eq(usage.binding, binding.name),
          gte(usage.at, since),
        ),
      )
    // Sums are bigint, which the driver gives as text.
    return {
      requests: Number(sums?.requests ?? 0),
      promptTokens: Number(sums?.promptTokens ?? 0),
      completionTokens: Number(sums?.completionTokens ?? 0),
    }
  }

  async function ringUsage(bindings: { namespace: string; name: string }[], since: Date) {
    const namespaces = sql.param(bindings.map(({ namespace }) => namespace))
    const names = sql.param(bindings.map(({ name }) => name))
    // A caller that left (499) or asked wrongly says nothing about the engine; an answer without tokens has no rate.
    const { rows } = await database.execute<RingRow>(sql`
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
      join unnest(${namespaces}::text[], ${names}::text[]) as b(namespace, name)
        on u.namespace = b.namespace and u.binding = b.name
      where u.at >= ${since.toISOString()}
      group by u.ring`)
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
      translated(async () => void (await database.insert(usage).values(record))),
    usageOf: (binding, since) => translated(() => usageOf(binding, since)),
    tokensUsedSince: (binding, since) =>
      translated(async () => {
        const { promptTokens, completionTokens } = await usageOf(binding, since)
        return promptTokens + completionTokens
      }),
  }
}
