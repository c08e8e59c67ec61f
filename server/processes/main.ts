import { AppError } from '#server/platform/model/errors.ts'

type Process = { main(argv: string[]): Promise<void> }

/** One entry for one image: `web`, `controller`, `gateway`, `task <step> …`, `audit-verify`. */
const processes: Record<string, () => Promise<Process>> = {
  web: () => import('./web/main.ts'),
  controller: () => import('./controller/main.ts'),
  gateway: () => import('./gateway/main.ts'),
  task: () => import('./step/main.ts'),
  'audit-verify': () => import('./audit-verify/main.ts'),
}

const [name = '', ...argv] = process.argv.slice(2)
const load = processes[name]
if (!load) {
  process.stderr.write(`Usage: bindery ${Object.keys(processes).join(' | ')}\n`)
  process.exitCode = 2
} else {
  try {
    const { main } = await load()
    await main(argv)
  } catch (error) {
    process.stderr.write(`${error instanceof AppError ? error.message : describe(error)}\n`)
    process.exitCode = 1
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
