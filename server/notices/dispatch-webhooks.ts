import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { keyOf, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { workQueue } from '#server/platform/kube/watch/work-queue.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { nextNoticeAt, noticesOf } from './model/binding-notices.ts'
import { noticeKinds, type Webhook } from './model/webhook.ts'
import { webhookMessage } from './model/webhook-message.ts'
import type { OutboxEntry, OutboxStore } from './outbox-store.ts'
import { sendWebhook } from './send-webhook.ts'
import { signWebhook } from './sign-webhook.ts'

export type NoticeOptions = {
  webhooks: Webhook[]
  /** Where the pages are, for links. */
  publicUrl?: string
  /** Of the first repetition; each later one waits twice as long. */
  againSeconds?: number
  /** After how long it is looked whether somebody has had something tried anew. */
  idleMs?: number
}

const attemptsMax = 12
const batch = 10
/** Longer than an attempt takes. */
const leaseSeconds = 60

/**
 * Tells the configured places what happens to bindings, for one term: what is to be told is put down in PostgreSQL first,
 * once per place, and sent from there until it is taken or has failed too often.
 */
export async function dispatchWebhooks(
  ctx: Pick<ControllerContext, 'kube' | 'log' | 'now' | 'signal'>,
  store: () => OutboxStore | undefined,
  options: NoticeOptions,
): Promise<void> {
  const { kube, log, now, signal } = ctx
  const { webhooks, publicUrl, againSeconds = 10, idleMs = 5_000 } = options
  const names = webhooks.map(({ name }) => name)
  const told = webhooks.map(({ name, notices }) => ({ name, kinds: notices ?? [...noticeKinds] }))
  const bindings = sharedWatch(kube, ModelBinding, { signal })
  const queue = workQueue({
    signal,
    concurrency: 2,
    retryMaxMs: 10_000,
    onError: (key, error, attempt) =>
      log.warn({ err: error, key, attempt }, 'a notice waits for the store'),
    process: (key) => (key === 'send' ? send() : look(key)),
  })

  function opened(): OutboxStore {
    const open = store()
    if (open) return open
    throw new AppError('unavailable', 'The store is not open yet.')
  }

  async function look(key: string): Promise<void> {
    const binding = bindings.get(key)
    if (!binding) return
    const added = await opened().enqueue(told, noticesOf(binding, now()))
    if (added > 0) queue.add('send')
    const next = nextNoticeAt(binding, now())
    if (next) queue.addAfter(key, next.getTime() - now().getTime())
  }

  async function send(): Promise<void> {
    const outbox = opened()
    const entries = await outbox.claim(names, batch, leaseSeconds)
    await Promise.all(entries.map((entry) => deliver(outbox, entry)))
    if (entries.length === batch) return queue.add('send')
    const due = await outbox.nextDue(names)
    const waitMs = due ? Math.max(0, due.getTime() - Date.now()) : idleMs
    queue.addAfter('send', Math.min(waitMs, idleMs))
  }

  async function deliver(outbox: OutboxStore, { id, webhook, notice, attempts }: OutboxEntry) {
    const place = webhooks.find(({ name }) => name === webhook)
    if (!place) return
    const link =
      publicUrl && new URL(`/bindings/${notice.namespace}/${notice.name}`, publicUrl).href
    const message = webhookMessage(place, notice, link)
    const outcome = await sendWebhook(
      place.kind,
      signWebhook(place, message, id, new Date()),
      signal,
    )
    // Cut off by our own end it is neither: the next leader takes it up after the lease.
    if (signal.aborted && 'error' in outcome) return
    if ('sent' in outcome) return outbox.settle(id, outcome)
    const dead = outcome.forGood || attempts >= attemptsMax
    const { error } = outcome
    log.warn({ webhook, kind: notice.kind, attempts, dead, error }, 'a notice was not taken')
    await outbox.settle(id, {
      error,
      againSeconds: dead ? undefined : againSeconds * 2 ** (attempts - 1),
    })
  }

  if (webhooks.length === 0) return
  bindings.subscribe((event) => {
    if (event.type === 'snapshot') for (const one of event.objects) queue.add(keyOf(one))
    if (event.type === 'upsert') queue.add(keyOf(event.object))
  }, signal)
  queue.add('send')
  await queue.done
}
