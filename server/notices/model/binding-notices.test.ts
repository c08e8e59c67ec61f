import { expect, test } from 'vitest'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { nextNoticeAt, noticesOf } from './binding-notices.ts'
import { webhookMessage } from './webhook-message.ts'

const lastTransitionTime = '2026-11-01T00:00:00Z'
const { strategy, alias, quota } = sampleBinding().spec

function granted(): ModelBinding {
  const binding = sampleBinding()
  return {
    ...binding,
    metadata: { ...binding.metadata, uid: 'u1', generation: 1 },
    status: {
      granted: {
        generation: 1,
        strategy,
        alias,
        durationDays: 100,
        quota,
        ring: 'stable',
        digest: 'sha256:1',
        approvedBy: ['grace'],
        approvedAt: lastTransitionTime,
        usableSince: '2026-01-01T00:00:00Z',
        termSince: '2026-01-01T00:00:00Z',
        expiresAt: '2026-04-11T00:00:00Z',
      },
      conditions: [{ type: 'Ready', status: 'True', reason: 'X', message: '', lastTransitionTime }],
    },
  }
}

test('it is warned at a fifth and at a twentieth of the term, of the more urgent alone, and not after the end', () => {
  const binding = granted()
  const at = (day: string) => {
    const now = new Date(`${day}T00:00:00Z`)
    return [noticesOf(binding, now).map((one) => one.leftPercent), nextNoticeAt(binding, now)]
  }
  expect(at('2026-03-21')).toEqual([[], new Date('2026-03-22T00:00:00Z')])
  expect(at('2026-03-22')).toEqual([[20], new Date('2026-04-06T00:00:00Z')])
  expect(at('2026-04-06')).toEqual([[5], undefined])
  expect(at('2026-04-11')).toEqual([[], undefined])
  const [first] = noticesOf(binding, new Date('2026-03-22T00:00:00Z'))
  const [again] = noticesOf(binding, new Date('2026-03-25T00:00:00Z'))
  expect(again?.key).toBe(first?.key)
})

test('a revoked grant warns of nothing; a failed run and an expiry are told', () => {
  const binding = granted()
  const end = { by: 'x', at: '2026-04-11T00:00:00Z', comment: '', generation: 1 }
  const revoked = {
    ...binding,
    status: { ...binding.status, end: { ...end, reason: 'Revoked' as const } },
  }
  expect(noticesOf(revoked, new Date('2026-04-07T00:00:00Z'))).toEqual([])
  const expired = {
    ...binding,
    status: { ...binding.status, end: { ...end, reason: 'Expired' as const } },
  }
  expect(noticesOf(expired, new Date('2026-04-11T00:00:01Z')).map((one) => one.kind)).toEqual([
    'expired',
  ])
  const provisioned = { type: 'Provisioned', status: 'False' as const, reason: 'RunFailed' }
  const condition = { ...provisioned, message: 'Step probe failed.', lastTransitionTime }
  const failed = { ...binding, status: { ...binding.status, run: 'r', conditions: [condition] } }
  expect(noticesOf(failed, new Date('2026-01-02T00:00:00Z'))).toMatchObject([
    { kind: 'run-failed', why: 'Step probe failed.', run: 'r' },
  ])
})

test('an end that is held up is told once, whatever attempt it is at', () => {
  const binding = granted()
  const end = {
    by: 'x',
    at: '2026-04-11T00:00:00Z',
    comment: '',
    generation: 1,
    run: 'unbind-x-1-4',
  }
  const at = (attempt: number, rest = {}) => {
    const failure = { at: `2026-04-12T00:00:0${attempt}Z`, message: 'Step remove-plan failed.' }
    const held = { ...end, reason: 'Revoked' as const, attempt, failure, ...rest }
    const status = { ...binding.status, end: held }
    return noticesOf({ ...binding, status }, new Date('2026-04-13T00:00:00Z'))
  }
  expect(at(3)).toEqual([])
  const [told] = at(4)
  expect(told).toMatchObject({
    ...{ kind: 'run-failed', at: '2026-04-12T00:00:04Z', why: 'Step remove-plan failed.' },
    run: 'unbind-x-1-4',
  })
  expect(at(5).map(({ key }) => key)).toEqual([told?.key])
  expect(at(5, { provenAt: end.at })).toEqual([])
})

test('what people wrote is no markup, no mention and no second line anywhere', () => {
  const why = '<!channel> <@all> [click](https://evil.example)\n<at user_id="all">x</at> & *b*'
  const notice = {
    key: 'k',
    kind: 'request-waiting' as const,
    at: lastTransitionTime,
    namespace: 'team',
    name: 'one',
    uid: 'u',
    service: 's',
    who: 'ada',
    why,
  }
  const link = 'https://bindery.example/bindings/team/one'
  const slack = webhookMessage({ kind: 'slack' }, notice, link)
  expect(slack).toMatchObject({
    blocks: [{ text: { type: 'plain_text' } }, { text: { type: 'plain_text' } }, {}],
  })
  expect('text' in slack && slack.text).toContain('&lt;!channel&gt;')
  const feishu = webhookMessage({ kind: 'feishu' }, notice, link)
  expect(feishu).toMatchObject({
    msg_type: 'post',
    content: { post: { zh_cn: { title: 'Bindery · 有申请待审批' } } },
  })
  const wecom = webhookMessage(
    { kind: 'wecom', language: 'en' },
    { ...notice, why: '李'.repeat(900) },
    link,
  )
  expect(Buffer.byteLength(JSON.stringify(wecom))).toBeLessThan(2150)
  expect(JSON.stringify(webhookMessage({ kind: 'wecom' }, notice, link))).not.toContain('<')
  const dingtalk = webhookMessage({ kind: 'dingtalk', language: 'en' }, notice, undefined)
  expect(dingtalk).toMatchObject({ msgtype: 'text', at: { isAtAll: false } })
  expect(JSON.stringify(dingtalk)).toContain('A request waits for a decision')
})
