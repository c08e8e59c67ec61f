import { Gauge, type Registry } from 'prom-client'
import type { OutboxStore } from './outbox-store.ts'

/** Read at each scrape, by every replica alike: ask for `max`. Nothing is said while the database is away. */
export function outboxMetrics(
  registry: Registry,
  outbox: () => Pick<OutboxStore, 'states'> | undefined,
): void {
  new Gauge({
    name: 'bindery_outbox_messages',
    help: 'Messages of webhooks that wait (pending), or were given up (dead).',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset()
      const places = await outbox()
        ?.states()
        .catch(() => undefined)
      if (!places) return
      for (const state of ['pending', 'dead'] as const) {
        this.set(
          { state },
          places.reduce((sum, place) => sum + place[state], 0),
        )
      }
    },
  })
}
