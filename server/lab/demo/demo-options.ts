import { resolve } from 'node:path'
import { z } from 'zod'

export type DemoOptions = {
  port: number
  dev: boolean
  stateDir?: string
  inferenceUrl?: string
  /** OIDC and other settings of the web, passed on as they are. */
  webEnv: Record<string, string>
}

const passedOn = /^(OIDC_|NEXTAUTH_URL$|SESSION_|LOG_LEVEL$|STREAM_|UNWATCHED_|DRAIN_)/

/** `--dev`, `--state DIR`; PORT, INFERENCE_URL and OIDC_* from the environment. */
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
  const state = argv.indexOf('--state')
  const unknown = argv.filter((arg, i) => !['--dev', '--state'].includes(arg) && i !== state + 1)
  if (unknown.length > 0)
    throw new Error(`Unknown option ${unknown[0]}; --dev and --state DIR are known.`)
  const stateDir = state >= 0 ? argv[state + 1] : undefined
  return {
    port: port.data,
    dev: argv.includes('--dev'),
    stateDir: stateDir ? resolve(stateDir) : undefined,
    inferenceUrl: inference.data,
    webEnv: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) =>
        value !== undefined && passedOn.test(name) ? [[name, value]] : [],
      ),
    ),
  }
}
