import { parseArgs } from 'node:util'
import type { ChainHead } from '#server/audit/model/verify-chain.ts'
import { verifyAudit } from '#server/audit/verbs/verify-audit.ts'
import { config } from '#server/platform/config.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { openStore } from '#server/processes/open-store.ts'

const usage = `Usage: bindery audit-verify [--anchor SEQ:HASH] [--after SEQ:HASH]

Reads the whole audit trail of DATABASE_URL and prints the first place where the chain does not hold.
  --anchor  a record whose hash was noted elsewhere: without one, a chain that was written anew as a whole passes
  --after   begins behind this record, where older ones were archived and deleted
Ends with 0 where the chain holds, 1 where it does not, 2 where it, or the anchor, could not be checked.
`

/** `bindery audit-verify`: for people and for cron. */
export async function main(argv: string[]): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) return void process.stdout.write(usage)
  process.exitCode = await audit(argv, (text) => process.stdout.write(text))
}

/** The exit code; what is found is said line by line. */
export async function audit(
  argv: string[],
  say: (text: string) => void,
  url?: string,
): Promise<number> {
  const ending = new AbortController()
  try {
    const options = parseOptions(argv)
    if (!options) {
      say(usage)
      return 2
    }
    const store = await openStore(url ?? config().DATABASE_URL, {
      signal: ending.signal,
      connectWithinMs: 5_000,
    })
    const { broken, head, at, records, unchecked } = await verifyAudit(store, options)
    await store.recordAuditCheck({ seq: at.seq, at: new Date(), broken })
    await store.close()
    if (broken) {
      say(`BROKEN at record ${broken.seq} (${broken.kind}): ${broken.message}\n`)
      say(`${records} records before it hold.\n`)
      return 1
    }
    say(`The chain holds: ${records} records, up to ${head.seq}:${head.hash}\n`)
    if (!unchecked) return 0
    const why = 'it lies before the beginning, and is not there any more'
    say(`The anchor ${unchecked.seq} was not checked: ${why}.\n`)
    return 2
  } catch (error) {
    say(`It could not be verified: ${error instanceof AppError ? error.message : error}\n`)
    return 2
  } finally {
    ending.abort()
  }
}

function parseOptions(argv: string[]): { anchor?: ChainHead; after?: ChainHead } | undefined {
  try {
    const options = { anchor: { type: 'string' }, after: { type: 'string' } } as const
    const { values } = parseArgs({ args: argv, options })
    return { anchor: placeOf(values.anchor), after: placeOf(values.after) }
  } catch {
    return undefined
  }
}

function placeOf(text: string | undefined): ChainHead | undefined {
  if (text === undefined) return undefined
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq === undefined || hash === undefined) throw new Error(text)
  return { seq: Number(seq), hash }
}
