import { expect, test } from 'vitest'
import { refuseUnbounded } from './parameter-limits.ts'

const many = (count: number) => Array.from({ length: count }, (_, i) => i)

test.each([
  ['stop', many(33).map(String)],
  ['stop', 'x'.repeat(1001)],
  ['stop_token_ids', many(129)],
  ['bad_words', many(129).map(String)],
  ['bad_words', ['x'.repeat(1001)]],
  ['allowed_token_ids', many(4097)],
  ['logit_bias', Object.fromEntries(many(1025).map((id) => [id, 1]))],
  ['logit_bias', { 1: 101 }],
  ['logprobs', 21],
  ['guided_regex', '(a+)+'.repeat(300)],
  ['guided_choice', many(257).map(String)],
  ['ebnf', 'x'.repeat(20_001)],
  ['json_schema', { enum: many(20_000) }],
  ['metadata', { a: 'x'.repeat(70_000) }],
  ['user', 'x'.repeat(70_000)],
  ['messages', many(4097)],
  ['tools', many(129)],
  ['chat_template_kwargs', { chat_template: '{{ messages }}' }],
  ['chat_template_kwargs', { Chat_Template: 'x' }],
  ['chat_template_kwargs', { chat_template_content_format: 'string' }],
  ['chat_template_kwargs', { request_template: 'x' }],
  ['chat_template_kwargs', { tools: true }],
  ['chat_template_kwargs', { tokenize: false }],
  ['chat_template_kwargs', { trust_remote_code: true }],
  ['chat_template_kwargs', { return_dict: true }],
  ['chat_template_kwargs', { documents: [{ text: 'x' }] }],
  ['chat_template_kwargs', { enable_thinking: { nested: true } }],
  ['chat_template_kwargs', { __class__: 1 }],
  ['chat_template_kwargs', { language: 'x'.repeat(65) }],
  ['chat_template_kwargs', [1]],
])('%s: %j is refused by its name', (name, value) => {
  expect(() => refuseUnbounded({ [name]: value })).toThrow(new RegExp(`^${name}[^]{1,300}$`))
})

test('what clients ordinarily send passes', () => {
  refuseUnbounded({
    model: 'm',
    messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }],
    prompt: many(131_072),
    stop: ['</s>', '\n\n'],
    stop_token_ids: [2],
    logit_bias: { 50256: -100 },
    logprobs: true,
    top_logprobs: 5,
    temperature: null,
    chat_template_kwargs: { enable_thinking: false, reasoning_effort: 'high', budget: 100 },
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } },
    metadata: { run: '1' },
  })
})
