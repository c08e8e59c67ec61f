import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import type { SseStream } from '#server/platform/http/sse.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { GenerationRegistry } from '#server/playground/generations/generation-registry.ts'
import { ownConversation } from '#server/playground/verbs/generation-access.ts'

/** The cursor, a number for each, has to fit into a header. */
const answersMax = 40

/** The generations of the query, which have to be the person's own and of this conversation. */
export async function answersToFollow(
  ctx: Context,
  hub: GenerationRegistry,
  conversation: string,
  query: string | null,
): Promise<string[]> {
  const ids = query ? query.split(',') : []
  const here = ids.length > 0 && ids.every((id) => hub.ownerOf(id) === userOf(ctx))
  if (!here) {
    await ownConversation(ctx, conversation)
    const there = new Set((await ctx.store.generationsOf(conversation)).map(({ id }) => id))
    if (ids.some((id) => !there.has(id))) {
      throw new AppError('not-found', 'There is no such generation.')
    }
  }
  if (ids.length === 0 || ids.length > answersMax) {
    const message = `generations: 1 to ${answersMax} ids`
    throw new AppError('bad-request', message, { fields: [{ field: 'generations', message }] })
  }
  return ids
}

/** Several answers in one stream: a browser opens few connections. Each event says of which it is. */
export async function followAnswers(
  hub: GenerationRegistry,
  ids: string[],
  lastEventId: string | undefined,
  stream: SseStream,
): Promise<void> {
  const cursor = cursorOf(lastEventId, ids.length)
  await Promise.all(
    ids.map(async (id, of) => {
      for await (const events of hub.follow(id, cursor[of] ?? 0, stream.signal)) {
        await stream.send(
          events.map(({ seq, event }) => {
            cursor[of] = seq
            return { event: event.event, data: { of, ...event.data }, id: cursor.join('.') }
          }),
        )
      }
    }),
  )
}

function cursorOf(text: string | undefined, length: number): number[] {
  const parts = text?.split('.').map(Number) ?? []
  const known =
    parts.length === length && parts.every((one) => Number.isSafeInteger(one) && one >= 0)
  return known ? parts : Array.from({ length }, () => 0)
}
