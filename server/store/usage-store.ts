import { and, eq, gte, sql } from 'drizzle-orm'
import { type Database, translated } from './database.ts'
import { usage } from './schema.ts'
import type { Store } from './store.ts'

type UsageStore = Pick<Store, 'recordUsage' | 'tokensUsedSince' | 'usageOf'>

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

  return {
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
