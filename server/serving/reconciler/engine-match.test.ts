import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readEngineFacts } from '#server/serving/model/engine-facts.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { engineMatch } from './engine-match.ts'

const service = sampleService()
const engine = (facts: object) => ({
  ring: 'stable' as const,
  readyReplicas: 1,
  seen: { state: 'answers' as const, replaced: false, facts: readEngineFacts(facts) },
})

test.each([
  ['as stated', { id: 'vibethinker-1.5b', max_model_len: 131_072 }, 'AsStated'],
  ['a larger context', { id: 'vibethinker-1.5b', max_model_len: 262_144 }, 'AsStated'],
  ['no word of its context', { id: 'vibethinker-1.5b' }, 'AsStated'],
  ['a smaller context', { id: 'vibethinker-1.5b', max_model_len: 4096 }, 'ContextDiffers'],
  ['llama.cpp', { id: 'vibethinker-1.5b', meta: { n_ctx: 4096 } }, 'ContextDiffers'],
  ['another model', { id: 'other', max_model_len: 131_072 }, 'ModelDiffers'],
])('%s: %j', (_, model, reason) => {
  expect(engineMatch(service, [engine({ data: [model] })])).toMatchObject({ reason })
})

test('a number that differs stands in the message with the one that is said', () => {
  const smaller = engine({ data: [{ id: 'vibethinker-1.5b', max_model_len: 4096 }] })
  expect(engineMatch(service, [smaller])?.message).toBe(
    'The stable engine has a context of 4096 tokens; limits.contextTokens says 131072.',
  )
})

test.each([
  ['loading', 'EngineLoading'],
  ['key-refused', 'EngineKeyRefused'],
  ['unreachable', 'EngineUnreachable'],
  ['malformed', 'EngineMalformed'],
] as const)('an engine that is %s', (state, reason) => {
  const away = { ring: 'canary' as const, readyReplicas: 1, seen: { state, replaced: true } }
  expect(engineMatch(service, [away])).toMatchObject({ status: 'False', reason })
})

test('nothing is said of engines that nobody has seen', () => {
  expect(engineMatch(service, [{ ring: 'stable', readyReplicas: 1 }])).toBeUndefined()
})

test('a list of models of a llama-server, as it was captured', () => {
  const captured = '../shared/cases/engine-streams/llama-server/v1-models.json'
  let text = '{"data":[{"id":"slow-think.gguf","owned_by":"llamacpp","meta":{"n_ctx":4096}}]}'
  try {
    text = readFileSync(captured, 'utf8')
  } catch {
    // Only where the captures lie beside the sources.
  }
  expect(readEngineFacts(JSON.parse(text))).toEqual({
    kind: 'llamacpp',
    models: ['slow-think.gguf'],
    contextTokens: 4096,
  })
})
