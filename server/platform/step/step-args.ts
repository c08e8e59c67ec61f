import { parseArgs } from 'node:util'
import { AppError } from '#server/platform/model/errors.ts'

/** `--name=value` for each name, all of them required; what follows `--` is `rest`. */
export function stepArgs<Name extends string>(
  args: string[],
  names: readonly Name[],
): Record<Name, string> & { rest: string[] } {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values, positionals } = parse(args, options)
  const missing = names.filter((name) => values[name] === undefined)
  if (missing.length > 0) {
    throw new AppError('bad-request', `The step lacks --${missing.join(', --')}.`)
  }
  return { ...(values as Record<Name, string>), rest: positionals }
}

function parse(args: string[], options: Record<string, { type: 'string' }>) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw new AppError('bad-request', error instanceof Error ? error.message : String(error))
  }
}
