import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** One demo at a time per folder; a lock whose process is gone does not count. Returns how to give it back. */
export function takeLock(file: string): () => void {
  if (existsSync(file)) {
    const holder = Number(readFileSync(file, 'utf8'))
    if (isAlive(holder)) {
      throw new Error(`The demo runs in this folder already (process ${holder}): stop it first.`)
    }
  }
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
