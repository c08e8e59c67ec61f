import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '#server/platform/log.ts'

/** The key that an engine asks for, by the engine's Service; undefined where none is set. */
export type EngineKeys = (service: string) => string | undefined

const keepMs = 5_000
const keyShape = /^[\x21-\x7e]{1,4096}$/

/**
 * Keys from a directory that a Secret is mounted at: a file named after the engine's Service, or `default`. Read again
 * every few seconds, so that a changed Secret needs no restart. A key is in no log and no answer.
 */
export function engineKeys(directory: string | undefined, log: Log): EngineKeys {
  if (!directory) return () => undefined
  const kept = new Map<string, { untilMs: number; key: string | undefined }>()
  const read = (name: string): string | undefined => {
    try {
      const key = readFileSync(join(directory, name), 'utf8').trim()
      if (keyShape.test(key)) return key
      log.warn({ name }, 'engine key is empty or has characters that no header takes')
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!missing) log.warn({ name, err: error }, 'engine key cannot be read')
    }
    return undefined
  }
  return (service) => {
    const found = kept.get(service)
    if (found && found.untilMs > performance.now()) return found.key
    const key = read(service) ?? read('default')
    kept.set(service, { untilMs: performance.now() + keepMs, key })
    return key
  }
}
