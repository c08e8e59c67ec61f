import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { acquireProcessLock } from './process-lock.ts'

/** One demo at a time per folder; the file only says who that is. Returns how to give it back. */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  const letGo = await acquireProcessLock(`demo in ${realpathSync(dirname(file))}`)
  if (!letGo) {
    throw new Error(
      `The demo runs in this folder already${holderIn(file)}: stop it first, or give this one a folder and a port of its own with PORT=3001 npm run demo -- --state .bindery/second.`,
    )
  }
  writeFileSync(file, String(process.pid))
  return async () => {
    rmSync(file, { force: true })
    await letGo()
  }
}

/** Not written yet where it starts in this moment. */
function holderIn(file: string): string {
  try {
    return ` (process ${Number(readFileSync(file, 'utf8'))})`
  } catch {
    return ''
  }
}
