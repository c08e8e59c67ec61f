import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'

export const noticeKinds = [
  'request-waiting',
  'approved',
  'denied',
  'expiring',
  'expired',
  'drifted',
  'run-failed',
] as const

export type NoticeKind = (typeof noticeKinds)[number]

export const webhookKinds = ['generic', 'slack', 'feishu', 'dingtalk', 'wecom'] as const

/** One place that is told. Its address is a secret as well: whoever knows it can write there. */
const webhookSchema = z
  .object({
    name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a name'),
    kind: z.enum(webhookKinds),
    url: z.url({ protocol: /^https?$/ }),
    /** `generic`: `whsec_…` as Standard Webhooks has it. `feishu`, `dingtalk`: of their signature. */
    secret: z.string().min(1).max(500).optional(),
    language: z.enum(['en', 'zh-CN']).optional(),
    /** What it is told; everything unless said. */
    notices: z.array(z.enum(noticeKinds)).min(1).optional(),
  })
  .refine(
    ({ kind, secret }) => kind !== 'generic' || /^whsec_[A-Za-z0-9+/]{32,}=*$/.test(secret ?? ''),
    {
      message: 'needs a secret: whsec_ and at least 24 random bytes in base64',
      path: ['secret'],
    },
  )

export type Webhook = z.output<typeof webhookSchema>

export const webhooksSchema = z
  .array(webhookSchema)
  .max(20)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    message: 'two of them have the same name',
  })

/** The webhooks of the setting `WEBHOOKS`. Throws an Error that names the entry and what is wrong with it. */
export function parseWebhooks(value: unknown): Webhook[] {
  const parsed = webhooksSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) =>
    [['WEBHOOKS', ...path].join('.'), message].join(': '),
  )
  throw new Error(`The environment is not right: ${problems.join('; ')}`)
}
