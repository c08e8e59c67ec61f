import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '#server/platform/model/errors.ts'

const models = z.object({ data: z.array(z.object({ id: z.string() })).min(1) })
const completion = z.object({
  choices: z.array(z.object({ finish_reason: z.string() })).min(1),
  usage: z.object({ completion_tokens: z.number().int().min(1) }),
})

const triesMax = 3
const againMs = 200

/**
 * One real completion, of the engine itself: it says that it is healthy before anybody knows whether it can answer. The
 * network lets this run through to it, and else the gateway alone (manifests/policies/serving.yaml).
 */
export async function askEngine(
  base: string,
  signal: AbortSignal,
): Promise<{ model: string; tokens: number }> {
  for (let tries = 1; ; tries++) {
    try {
      const [first] = models.parse(await ask(`${base}/v1/models`, signal)).data
      const model = first?.id ?? ''
      const question = {
        model,
        max_tokens: 16,
        temperature: 0.6,
        top_p: 0.95,
        messages: [{ role: 'user', content: 'What is 1 + 1?' }],
      }
      const answer = completion.parse(await ask(`${base}/v1/chat/completions`, signal, question))
      return { model, tokens: answer.usage.completion_tokens }
    } catch (error) {
      if (signal.aborted || tries === triesMax) throw unanswered(error)
      await pause(againMs, undefined, { signal }).catch(() => {})
    }
  }
}

async function ask(url: string, signal: AbortSignal, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    redirect: 'error',
    signal,
  })
  const text = (await response.text()).slice(0, 100_000)
  if (!response.ok) throw new AppError('bad-gateway', `${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text)
}

function unanswered(error: unknown): AppError {
  const why =
    error instanceof z.ZodError || error instanceof SyntaxError
      ? 'its answer is not that of an OpenAI-compatible server'
      : error instanceof Error
        ? error.message
        : String(error)
  const text = `The engine is ready, but answers no question: ${why}`
  return new AppError('bad-gateway', text, { cause: error })
}
