import OpenAI from 'openai'
import { afterAll, beforeAll } from 'vitest'
import { type RunningEngine, startEngine } from '#server/lab/demo-engine/server.ts'

export const model = 'bindery/demo-solver'

/** One engine that answers at once and acts out faults, and a slow one with two slots, for all tests of a file. */
export function sceneOfEngines() {
  let engine: RunningEngine
  let slow: RunningEngine
  let client: OpenAI

  beforeAll(async () => {
    const base = { port: 0, solverThreads: 1, firstTokenDelayMs: 0 }
    engine = await startEngine({ ...base, tokensPerSecond: 0, faults: true })
    slow = await startEngine({
      ...base,
      tokensPerSecond: 50,
      slotsMax: 2,
      reasoningField: 'reasoning',
    })
    client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none', maxRetries: 0 })
  }, 30_000)

  afterAll(async () => {
    await Promise.all([engine.close(), slow.close()])
  })

  return {
    get engine() {
      return engine
    },
    get slow() {
      return slow
    },
    get client() {
      return client
    },

    async post(path: string, body: unknown, base = engine.url) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const response = await fetch(base + path, { method: 'POST', body: text })
      return { status: response.status, body: await response.json() }
    },
  }
}

export function ask(content: string) {
  return { model, messages: [{ role: 'user' as const, content }] }
}
