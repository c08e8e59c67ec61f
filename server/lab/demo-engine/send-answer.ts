import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { ApiError, errorBody } from './api-error.ts'
import type { Running } from './engine.ts'
import type { AnswerShape, Ending } from './narrate/answer-shapes.ts'
import type { Step } from './read/decode.ts'
import type { Generation } from './requests.ts'
import type { Fault } from './script.ts'
import type { Piece } from './stop-filter.ts'

function endingOf(step: Step): Ending | undefined {
  return step.finish && { finish: step.finish, stopReason: step.stopReason }
}

/** The whole answer as one JSON body. */
export async function sendWhole(
  response: ServerResponse,
  request: Generation,
  running: Running,
  shape: AnswerShape,
  signal: AbortSignal,
): Promise<void> {
  const choices = Array.from({ length: request.n * request.prompts.length }, () => {
    const ending: Ending = { finish: 'stop', stopReason: undefined }
    return { pieces: [] as Piece[], ending }
  })
  for await (const steps of running.steps) {
    for (const step of steps) {
      choices[step.index]?.pieces.push(...step.pieces)
      const choice = choices[step.index]
      const ending = endingOf(step)
      if (choice && ending) choice.ending = ending
    }
    const fault = dueFault(running, steps)
    if (fault && (await suffer(fault, response, signal))) return
  }
  const body = JSON.stringify(shape.whole(choices, running.usage()))
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

/** The answer as server-sent events, one chunk per choice and token. */
export async function sendStream(
  response: ServerResponse,
  request: Generation,
  running: Running,
  shape: AnswerShape,
  signal: AbortSignal,
): Promise<void> {
  const event = (body: object) => `data: ${JSON.stringify(body)}\n\n`
  const usage = () => (request.continuousUsage ? running.usage() : undefined)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  const opened = new Set<number>()
  try {
    for await (const steps of running.steps) {
      const events: string[] = []
      for (const step of steps) {
        const opening = opened.has(step.index) ? undefined : shape.opening(step.index)
        opened.add(step.index)
        if (opening) events.push(event(shape.chunk([opening], usage())))
        const choice = shape.delta(step.index, step.pieces, endingOf(step))
        if (choice) events.push(event(shape.chunk([choice], usage())))
      }
      if (events.length > 0 && !response.write(events.join('')))
        await once(response, 'drain', { signal })
      const fault = dueFault(running, steps)
      if (fault && (await suffer(fault, response, signal))) return
    }
    if (request.includeUsage) {
      const metrics = running.metrics()
      response.write(event({ ...shape.chunk([], running.usage()), metrics }))
    }
  } catch (error) {
    if (signal.aborted) throw error
    // The status is sent already: an error after the start is an event, as vLLM has it.
    response.write(event(errorBody(error)))
  }
  response.end('data: [DONE]\n\n')
}

function dueFault({ fault }: Running, steps: Step[]): Fault | undefined {
  return fault && steps.some(({ tokens }) => tokens >= fault.afterTokens) ? fault : undefined
}

/** Acts out what was asked for; true where the response is over with it. */
async function suffer(
  fault: Fault,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<boolean> {
  if (fault.kind === 'break') {
    response.destroy()
    return true
  }
  if (fault.kind === 'error')
    throw new ApiError(
      500,
      'InternalServerError',
      'EngineCore encountered an issue, as was asked for.',
    )
  await once(signal, 'abort')
  return true
}
