import type { z } from 'zod'
import { badRequest } from '#server/lab/cluster/api/status.ts'

/** Narrows the body of a request for a virtual kind. @throws StatusError 400 naming the first wrong field */
export function parseBody<T>(shape: z.ZodType<T>, body: unknown, kind: string): T {
  const parsed = shape.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''
  const what = `${kind} in version "v1" cannot be handled as a ${kind}`
  throw badRequest(`${what}: ${where}${issue?.message}`)
}
