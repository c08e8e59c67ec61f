import { parseArgs } from 'node:util'
import { config } from '#server/platform/config.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Finding, FindingState } from './finding.ts'
import { checkNames, runDoctor } from './run-doctor.ts'

const usage = `Usage: bindery doctor [--only CHECK,…] [--json]

Looks at what an installation rests on, changes nothing, and says for each finding what to do.
  --only  some of: ${checkNames.join(', ')}
  --json  an array of { check, state, message, todo }

The cluster is that of KUBECONFIG, ~/.kube/config or the pod's own account; what this account may not read is said to be
skipped. Database and sign-in are looked at where DATABASE_URL and OIDC_ISSUER are set, as in the web's pod.
Ends with 0 where there is no problem, 1 where there is one, 2 where it could not look.
`

const marks: Record<FindingState, string> = { ok: '✓', warning: '!', problem: '✗', skipped: '–' }

/** `bindery doctor`: before an installation, after it, and when something is odd. */
export async function main(argv: string[]): Promise<void> {
  const write = (text: string) => process.stdout.write(text)
  const options = parseOptions(argv)
  if (options === 'help') return void write(usage)
  if (!options) {
    process.stderr.write(usage)
    process.exitCode = 2
    return
  }
  const kube = connectKube()
  try {
    const findings = await runDoctor(kube, config(), options.only)
    write(options.json ? `${JSON.stringify(findings, undefined, 2)}\n` : report(findings))
    process.exitCode = findings.some(({ state }) => state === 'problem') ? 1 : 0
  } catch (error) {
    process.stderr.write(`Could not look: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 2
  } finally {
    await kube.close()
  }
}

/** For a terminal: one line a finding, and beneath it what to do. */
export function report(findings: Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, state, message, todo }) => [
    `${marks[state]} ${check.padEnd(width)}  ${message}`,
    ...(todo ? [`  ${' '.repeat(width)}  → ${todo}`] : []),
  ])
  const count = (state: FindingState) => findings.filter((one) => one.state === state).length
  const sum = `${count('problem')} problems, ${count('warning')} warnings, ${count('skipped')} skipped, ${count('ok')} fine`
  return `${lines.join('\n')}\n\n${sum}\n`
}

function parseOptions(argv: string[]): { only?: string[]; json: boolean } | 'help' | undefined {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
      },
    })
    if (values.help) return 'help'
    const only = values.only?.split(',')
    if (only?.some((name) => !checkNames.includes(name))) return undefined
    return { json: values.json, ...(only ? { only } : {}) }
  } catch {
    return undefined
  }
}
