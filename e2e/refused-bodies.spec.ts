import { expect } from '@playwright/test'
import { errorOf, send, wish } from './support/api.ts'
import { removeBindings } from './support/cluster.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

test.beforeEach(removeBindings)

test('bodies that are no JSON, too large, or not what was asked for are refused with words', async ({
  browser,
}) => {
  const [ada, grace] = [await browserOf(browser, 'ada'), await browserOf(browser, 'grace')]
  const cases: [what: string, path: string, body: string | object, status: number, says: RegExp][] =
    [
      ['no JSON', '/api/bindings', '{"namespace":', 400, /not valid JSON/],
      ['a list', '/api/bindings', [], 400, /not right/],
      ['nothing', '/api/bindings', {}, 400, /namespace/],
      ['a stranger’s field', '/api/bindings', { ...wish, admin: true }, 400, /admin/],
      ['a null', '/api/bindings', { ...wish, quota: null }, 400, /quota/],
      [
        'too large',
        '/api/bindings',
        { ...wish, justification: 'x'.repeat(400_000) },
        413,
        /larger/,
      ],
      ['too wordy', '/api/bindings', { ...wish, justification: 'x'.repeat(2001) }, 400, /2000/],
      ['too short', '/api/bindings', { ...wish, justification: ' a ' }, 400, /at least 10/],
      ['no label', '/api/bindings', { ...wish, alias: 'Not_A.Label' }, 400, /lower-case/],
      ['a path', '/api/bindings', { ...wish, namespace: '../kube-system' }, 400, /namespace/],
      ['a long label', '/api/bindings', { ...wish, alias: 'a'.repeat(64) }, 400, /63/],
      ['too long', '/api/bindings', { ...wish, durationDays: 3000 }, 422, /not right/],
      ['half a day', '/api/bindings', { ...wish, durationDays: 0.5 }, 400, /whole day/],
      ['no name', '/api/bindings/research-team-a/UPPER/test', {}, 400, /name/],
      ['a climb', '/api/bindings/research-team-a/..%2F..%2Fsecrets/release', {}, 400, /name/],
      [
        'no digest',
        '/api/bindings/research-team-a/x/decision',
        { decision: 'approve' },
        400,
        /digest/,
      ],
      [
        'no model',
        '/api/bindings',
        { ...wish, modelService: { namespace: 'model-serving-prod', name: 'none' } },
        404,
        /model service/,
      ],
      [
        'no question',
        '/api/generations',
        { binding: { namespace: 'a', name: 'b' } },
        400,
        /question/,
      ],
    ]
  for (const [what, path, body, status, says] of cases) {
    const who = path.endsWith('/decision') ? grace : ada
    const answer = await send(who, 'POST', path, body)
    expect(answer.status(), `${what}: ${await answer.text()}`).toBe(status)
    expect((await errorOf(answer)).message + JSON.stringify(await errorOf(answer))).toMatch(says)
  }
  const form = await ada.request.post('/api/bindings', {
    headers: { 'sec-fetch-site': 'same-origin' },
    form: { namespace: 'research-team-a' },
  })
  expect(form.status()).toBe(400)
  expect((await (await ada.request.get('/api/bindings')).json()) as unknown[]).toEqual([])
})
