import { pino } from 'pino'

export type Log = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

const secret = ['token', 'password', 'secret', 'authorization', 'cookie']

/** Structured lines on standard output; what may be secret never reaches them. */
export function createLog(process: string, level: string): Log {
  return pino({
    name: process,
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  })
}
