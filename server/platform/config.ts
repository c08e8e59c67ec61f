import { hostname } from 'node:os'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65535)
const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not a label')
const addresses = z
  .string()
  .default('')
  .transform(commaList)
  .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])))
const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .default('')
  .transform((value) => value === 'true' || value === '1')

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

function jsonOf(text: string, ctx: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
}

/** Everything that differs between installations is an address, a name or a limit; there are no modes. */
const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  /** Where `/livez`, `/readyz` and `/metrics` are, apart from what the process serves. */
  OPERATIONS_PORT: port.default(8081),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  HOSTNAME: z.string().default(hostname()),
  POD_NAME: z.string().optional(),
  POD_NAMESPACE: z.string().default('bindery-system'),
  POD_IP: z.string().optional(),
  SERVING_NAMESPACE: z.string().default('model-serving-prod'),
  DATABASE_URL: z.string().default('postgres://bindery:bindery@127.0.0.1:5432/bindery'),
  GATEWAY_URL: z.url().default('http://vibethinker-svc.model-serving-prod.svc:8080'),
  /** Puts any OpenAI-compatible server in the engines' place. */
  INFERENCE_URL: z.url().optional(),
  /** A directory of the engines' own API keys: a file named after the engine's Service, or `default`. */
  ENGINE_KEYS_DIR: z.string().optional(),
  /** Where spans are sent, as https://opentelemetry.io/docs/specs/otel/protocol/exporter/ says; nowhere unless set. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  CLUSTER_DOMAIN: z.string().default('cluster.local'),
  NEXTAUTH_URL: z.url().optional(),
  NEXTAUTH_SECRET: z.string().min(32).optional(),
  /** Those before it, by commas: what they sealed is still read, so that changing it signs nobody out. */
  NEXTAUTH_SECRETS_OLD: z
    .string()
    .default('')
    .transform(commaList)
    .pipe(z.array(z.string().min(32))),
  /** Addresses and networks whose `X-Forwarded-*` and `X-Request-Id` are believed; of everybody else they are not. */
  TRUSTED_PROXIES: addresses,
  SESSION_MAX_AGE_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(8 * 3600),
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().default('SSO'),
  OIDC_SCOPES: z.string().default('openid profile email groups'),
  OIDC_USERNAME_CLAIM: z.string().default('sub'),
  OIDC_USERNAME_PREFIX: z.string().optional(),
  OIDC_GROUPS_CLAIM: z.string().default('groups'),
  OIDC_GROUPS_PREFIX: z.string().default(''),
  /** Which of a person's groups matter here, as `research-*,bindery-admins`: long lists do not fit a session. */
  OIDC_GROUPS_KEEP: z.string().default('*'),
  /** While the provider is away, sessions go on for so long after its last word on them; 0 ends them with it. */
  OIDC_GRACE_MINUTES: z.coerce.number().min(0).max(1440).default(15),
  /** JSON array of people who may sign in by choosing themselves; refused beside OIDC_ISSUER. */
  DEMO_PEOPLE: z.string().optional(),
  DEV: flag,
  /** Of a step of a Task: by which request it runs. */
  REQUEST_ID: z.string().max(128).optional(),
  /** JSON array of webhooks (notices/model/webhook.ts). From a Secret: the controller has no right to read any. */
  WEBHOOKS: z.string().default('[]').transform(jsonOf),
  /** Where the pages are, for links in what they are told. */
  PUBLIC_URL: z.url().optional(),
  STREAM_MAX_LIFE_SECONDS: z.coerce.number().int().min(1).default(1800),
  /** An authorizer beside RBAC grants rights by namespace: lists then review each one, not only those that RBAC names. */
  REVIEW_EVERY_NAMESPACE: flag,
  /** Open at once in one web: live views and downloads. An idle one costs about 20 kB. */
  STREAMS_PER_PERSON: z.coerce.number().int().min(1).default(500),
  STREAMS_MAX: z.coerce.number().int().min(1).default(5000),
  /** What one person may keep in conversations, with all answers. */
  STORED_MIB_PER_PERSON: z.coerce.number().positive().max(1_000_000).default(256),
  DRAIN_SECONDS: z.coerce.number().int().min(0).default(20),
  /** So long logs are kept after their run; what is known of the run itself stays for RUN_RETENTION_DAYS. */
  LOG_RETENTION_DAYS: z.coerce.number().min(0).max(36_500).default(90),
  /** So long a run of a binding stays in the cluster after its end; its record and log are in the archive by then. */
  RUN_CLUSTER_DAYS: z.coerce.number().min(1).max(36_500).default(7),
  /** So long the record of a run is kept after the cluster lost it. */
  RUN_RETENTION_DAYS: z.coerce.number().min(1).max(36_500).default(730),
  /** So long each call to the model is on record, for usage and charts. */
  USAGE_RETENTION_DAYS: z.coerce.number().min(2).max(36_500).default(400),
  /** Of text, for one log; of a larger one the beginning and the end are kept. */
  LOG_ARCHIVE_RUN_MIB: z.coerce.number().positive().max(10_000).default(64),
  /** Where logs are that were written before there was an archive. */
  LOKI_URL: z.url().optional(),
  LOKI_TENANT: z.string().max(200).optional(),
  LOKI_TOKEN: z.string().max(4000).optional(),
  /** The labels under which the log shipper wrote whose lines they are. */
  LOKI_NAMESPACE_LABEL: label.default('namespace'),
  LOKI_TASKRUN_LABEL: label.default('taskrun'),
  LOKI_STEP_LABEL: label.default('step'),
  /** Longer than a full answer takes, so that leaving the page ends none but those that would go on for ever. */
  UNWATCHED_STOP_SECONDS: z.coerce.number().int().min(1).default(900),
})

export type Config = z.infer<typeof environment>

let parsed: Config | undefined

/** The one reader of the environment; parses on first call, never at import. */
export function config(): Config {
  parsed ??= parseConfig(process.env)
  return parsed
}

/**
 * What Next takes from the environment alone: to send no telemetry, and the settings that a finished build was made
 * with, so that it is served without its sources.
 */
export function settleLibraries(builtWith: string | undefined): void {
  process.env.NEXT_TELEMETRY_DISABLED = '1'
  if (builtWith) process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = builtWith
}

export function parseConfig(source: Record<string, string | undefined>): Config {
  const result = environment.safeParse(source)
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The environment is not right: ${problems.join('; ')}`)
  }
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, DEMO_PEOPLE } = result.data
  if (OIDC_ISSUER && (!OIDC_CLIENT_ID || !OIDC_CLIENT_SECRET)) {
    throw new Error('OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.')
  }
  if (OIDC_ISSUER && DEMO_PEOPLE) {
    throw new Error('Demo sign-in (DEMO_PEOPLE) cannot be on beside OIDC_ISSUER.')
  }
  return result.data
}
