import { AppError } from '#server/platform/model/errors.ts'

type Process = { main(argv: string[]): Promise<void> }

type Subcommand = { about: string; load: () => Promise<Process> }

/** One entry for one image. Those for people have a `--help` of their own. */
const subcommands: Record<string, Subcommand> = {
  web: { about: 'serves pages, API and streams', load: () => import('./web/main.ts') },
  controller: { about: 'keeps bindings true', load: () => import('./controller/main.ts') },
  gateway: { about: 'the only way to the engines', load: () => import('./gateway/main.ts') },
  task: { about: 'one step of a Task', load: () => import('./step/main.ts') },
  doctor: {
    about: 'looks at an installation, and says what to do',
    load: () => import('./doctor/main.ts'),
  },
  dashboard: {
    about: 'prints a Grafana dashboard of what the processes measure',
    load: () => import('./dashboard/main.ts'),
  },
  'audit-verify': {
    about: 'reads the audit trail, and says where it was tampered with',
    load: () => import('./audit-verify/main.ts'),
  },
  'verify-receipt': {
    about: 'whether what a binding keeps was signed by this cluster, and not touched since',
    load: () => import('./verify-receipt/main.ts'),
  },
}

const usage = `Usage: bindery SUBCOMMAND [--help]

${Object.entries(subcommands)
  .map(([name, { about }]) => `  ${name.padEnd(16)}${about}`)
  .join('\n')}

With bin/ of the image's folder on your PATH, kubectl finds it too: kubectl bindery doctor
`

const [name = '', ...argv] = process.argv.slice(2)
const chosen = subcommands[name]
if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(usage)
else if (!chosen) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  try {
    const { main } = await chosen.load()
    await main(argv)
  } catch (error) {
    process.stderr.write(`${error instanceof AppError ? error.message : describe(error)}\n`)
    process.exitCode = 1
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
