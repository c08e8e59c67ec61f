import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'

export type DemoOptions = {
  port: number
  dev: boolean
  stateDir?: string
  /** Where `npm run image -- DIR all` laid out what is run in place of a build of these sources. */
  images?: string
  inferenceUrl?: string
  /** Its API key, where it asks for one. */
  inferenceKey?: string
  /** OIDC and other settings of the web, passed on as they are. */
  webEnv: Record<string, string>
}

const passedOn = /^(OIDC_|NEXTAUTH_URL$|SESSION_|LOG_LEVEL$|STREAM_|UNWATCHED_|DRAIN_)/

/** `--dev`, `--state DIR`, `--images DIR`; PORT, INFERENCE_URL, INFERENCE_API_KEY and OIDC_* from the environment. */
export function demoOptions(argv: string[], env: Record<string, string | undefined>): DemoOptions {
  const port = z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .safeParse(env.PORT ?? 3000)
  if (!port.success) throw new Error(`PORT must be a number from 1 to 65535, not ${env.PORT}.`)
  const inference = z.url().optional().safeParse(env.INFERENCE_URL)
  if (!inference.success) {
    throw new Error(
      `INFERENCE_URL must be an address such as http://host:8000, not ${env.INFERENCE_URL}.`,
    )
  }
  const given = parseOptions(argv)
  return {
    port: port.data,
    dev: given.dev,
    stateDir: given.state ? resolve(given.state) : undefined,
    images: given.images ? resolve(given.images) : undefined,
    inferenceUrl: inference.data,
    inferenceKey: env.INFERENCE_API_KEY || undefined,
    webEnv: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) =>
        value !== undefined && passedOn.test(name) ? [[name, value]] : [],
      ),
    ),
  }
}

function parseOptions(argv: string[]) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        dev: { type: 'boolean', default: false },
        state: { type: 'string' },
        images: { type: 'string' },
      },
    })
    if (!values.dev || !values.images) return values
  } catch (error) {
    const message = error instanceof Error ? error.message.split(/\. /)[0] : error
    throw new Error(`${message}: --dev, --state DIR and --images DIR are known.`)
  }
  throw new Error('--dev runs these sources, --images what was laid out: choose one of them.')
}
