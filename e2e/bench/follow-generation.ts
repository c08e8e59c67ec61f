import { Agent, request } from 'undici'

const agent = new Agent({ connections: null, pipelining: 1, bodyTimeout: 120_000 })

export type Followed = {
  text: string
  /** When the text had reached which length, in milliseconds of `performance.now()`. */
  grew: { chars: number; atMs: number }[]
  /** Number of the last event. */
  seq: number
  ended: boolean
  /** Events that were told a second time. */
  repeated: number
}

/**
 * Follows one generation as a browser does, from the event behind `from`; `until` lets it leave early, as a page that is
 * closed or reloaded.
 */
export async function followGeneration(
  session: { origin: string; cookie: string },
  id: string,
  from: Followed | undefined,
  until: (followed: Followed) => boolean = () => false,
): Promise<Followed> {
  const followed: Followed = {
    text: from?.text ?? '',
    grew: [],
    seq: from?.seq ?? 0,
    ended: false,
    repeated: 0,
  }
  const leaving = new AbortController()
  const answer = await request(`${session.origin}/api/generations/${id}/events`, {
    headers: {
      cookie: session.cookie,
      ...(from ? { 'last-event-id': String(from.seq) } : {}),
    },
    dispatcher: agent,
    signal: leaving.signal,
  })
  if (answer.statusCode !== 200) throw new Error(`It answered ${answer.statusCode}.`)
  let rest = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of answer.body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) take(followed, block)
      if (until(followed)) leaving.abort()
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error
  }
  return followed
}

export function closeFollowers(): Promise<void> {
  return agent.destroy()
}

function take(followed: Followed, block: string): void {
  const event = /^event: (\w+)$/m.exec(block)?.[1]
  const data = /^data: (.*)$/m.exec(block)?.[1]
  if (!event || !data) return
  const seq = Number(/^id: (\d+)$/m.exec(block)?.[1] ?? 0)
  if (seq <= followed.seq) followed.repeated += 1
  followed.seq = seq
  if (event === 'end') followed.ended = true
  if (event !== 'delta') return
  followed.text += JSON.parse(data).content ?? ''
  followed.grew.push({ chars: followed.text.length, atMs: performance.now() })
}
