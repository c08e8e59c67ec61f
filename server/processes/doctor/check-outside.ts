import { request } from 'undici'
import { z } from 'zod'
import { type Config, parseConfig } from '#server/platform/config.ts'
import { inspectDatabase } from '#server/platform/postgres/inspect-database.ts'
import { type Found, ok, problem, skipped, warning } from './finding.ts'

const inPod = 'kubectl -n bindery-system exec deployment/bindery-web -- bindery doctor'
const clockOffMsMax = 5_000
const postgresMin = 15
/** Of a process and its pool, a rollout beside it included. */
const connectionsNeeded = 60

export async function checkDatabase(config: Config): Promise<Found[]> {
  const url = config.DATABASE_URL
  if (url === parseConfig({}).DATABASE_URL) {
    return [skipped('DATABASE_URL is not set here.', `Where it is set, it is looked at: ${inPod}`)]
  }
  const facts = await inspectDatabase(url)
  const found: Found[] = []
  if (facts.major < postgresMin) {
    found.push(problem(`PostgreSQL is ${facts.version}.`, `Upgrade it to ${postgresMin} or later.`))
  }
  if (facts.encoding !== 'UTF8') {
    found.push(
      problem(
        `The database is encoded as ${facts.encoding}.`,
        "Make it anew with ENCODING 'UTF8' and restore it there: questions and answers are in every script.",
      ),
    )
  }
  if (Math.abs(facts.clockAheadMs) > clockOffMsMax) {
    found.push(
      warning(
        `The database's clock is ${(facts.clockAheadMs / 1000).toFixed(0)} s off this machine's.`,
        'Have both follow NTP: sessions end by the database’s clock.',
      ),
    )
  }
  const left = facts.connections.max - facts.connections.used
  if (left < connectionsNeeded) {
    found.push(
      warning(
        `${left} of ${facts.connections.max} connections are left.`,
        `Raise max_connections: each process of Bindery holds up to 12, a rollout doubles them.`,
      ),
    )
  }
  if (facts.pending.length > 0) {
    found.push(
      warning(
        `The schema lacks ${facts.pending.join(', ')}.`,
        'Nothing: the first process of this version that starts brings it up to date.',
      ),
    )
  }
  if (found.length > 0) return found
  const { used, max } = facts.connections
  return [
    ok(
      `PostgreSQL ${facts.version}, ${facts.isEncrypted ? 'with' : 'without'} TLS, schema up to date, ${used} of ${max} connections used.`,
    ),
  ]
}

const discovered = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  response_types_supported: z.array(z.string()).default([]),
  code_challenge_methods_supported: z.array(z.string()).optional(),
})
const bodyBytesMax = 256 * 1024

export async function checkProvider(config: Config): Promise<Found[]> {
  const { OIDC_ISSUER } = config
  if (!OIDC_ISSUER) {
    if (config.DEMO_PEOPLE) {
      return [
        warning(
          'People sign in by choosing themselves (DEMO_PEOPLE).',
          'Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET before anybody else can reach the pages.',
        ),
      ]
    }
    return [skipped('OIDC_ISSUER is not set here.', `Where it is set, it is looked at: ${inPod}`)]
  }
  const url = `${OIDC_ISSUER.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await readJson(url)
  if ('failure' in answer) {
    return [
      problem(
        `${url}: ${answer.failure}`,
        'Nobody can sign in. Compare OIDC_ISSUER with the provider, and look at proxies, CA and the NetworkPolicy for egress.',
      ),
    ]
  }
  const parsed = discovered.safeParse(answer.json)
  if (!parsed.success) {
    return [
      problem(
        `${url} is no discovery document.`,
        'OIDC_ISSUER has to be the provider’s issuer, as its own documentation names it.',
      ),
    ]
  }
  const found: Found[] = []
  const { issuer, response_types_supported, code_challenge_methods_supported } = parsed.data
  if (issuer !== OIDC_ISSUER) {
    found.push(
      problem(
        `The provider calls itself ${issuer}, and OIDC_ISSUER is ${OIDC_ISSUER}.`,
        `Set OIDC_ISSUER to ${issuer}, letter for letter.`,
      ),
    )
  }
  if (!response_types_supported.includes('code')) {
    found.push(
      problem(
        'The provider does not offer the authorization code flow.',
        'Turn it on for this client.',
      ),
    )
  }
  if (code_challenge_methods_supported && !code_challenge_methods_supported.includes('S256')) {
    found.push(
      warning(
        'The provider does not offer PKCE with S256.',
        'Turn it on: it keeps a stolen code from being used.',
      ),
    )
  }
  const keys = await readJson(parsed.data.jwks_uri)
  const set = z.object({ keys: z.array(z.unknown()).min(1) })
  if ('failure' in keys || !set.safeParse(keys.json).success) {
    found.push(
      problem(
        `Its keys cannot be read at ${parsed.data.jwks_uri}.`,
        'Every sign-in is refused without them: open the way there.',
      ),
    )
  }
  return found.length > 0 ? found : [ok(`${issuer} answers, with its keys.`)]
}

async function readJson(url: string): Promise<{ json: unknown } | { failure: string }> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(5_000) })
    let text = ''
    for await (const chunk of body.setEncoding('utf8')) {
      text += chunk
      if (text.length > bodyBytesMax) return { failure: 'the answer is larger than 256 kB.' }
    }
    if (statusCode !== 200) return { failure: `answered with ${statusCode}.` }
    return { json: JSON.parse(text) }
  } catch (error) {
    return { failure: error instanceof Error ? `${error.message}.` : 'no answer.' }
  }
}
