import type { BindingView } from '#server/access/views/binding.ts'
import { type Answer, emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'
import type { ListEvent } from '#server/processes/web/views/list-events.ts'
import type { LogEvent } from '#server/runs/views/log-event.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { Followed } from './follow-stream.ts'

/** An answer as it was read; no event of it may come twice, or before another that it follows. */
export function answerOf({ events }: Followed): Answer {
  return events.reduce((answer, { id, event, data }) => {
    const seq = Number(id)
    const isStored = event !== 'unsaved' && event !== 'away'
    if (isStored && !(seq > answer.seq)) throw new Error(`Event ${seq} came after ${answer.seq}.`)
    return reduceTokens(answer, seq, { event, data: JSON.parse(data) } as TokenEvent)
  }, emptyAnswer)
}

/** The rows of a log as they were read, in their order. */
export function linesOf({ events }: Followed): string[] {
  return events.flatMap(({ event, data }) => {
    const told = { event, data: JSON.parse(data) } as LogEvent
    return told.event === 'lines' ? told.data.lines.map(({ text }) => text) : []
  })
}

/** What a reader of the live lists has before it now. */
export function bindingsOf(followed: Followed): BindingView[] {
  return listed(followed, 'bindings') as BindingView[]
}

export function runsOf(followed: Followed): RunView[] {
  return listed(followed, 'runs') as RunView[]
}

function listed({ events }: Followed, kind: 'bindings' | 'runs'): unknown[] {
  const views = new Map<string, unknown>()
  for (const { event, data } of events) {
    const told = { event, data: JSON.parse(data) } as ListEvent
    if (told.data.kind !== kind) continue
    if (told.event === 'snapshot') {
      views.clear()
      for (const item of told.data.items) views.set(item.id, item)
    } else if (told.event === 'upsert') views.set(told.data.item.id, told.data.item)
    else views.delete(told.data.id)
  }
  return [...views.values()]
}
