import { AppError } from '#server/platform/model/errors.ts'

/** What PostgreSQL or the way to it reports, as an AppError; nothing of the database shows in its message. */
export function translateFailure(error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = sqlStateOf(error)
  if (code === '23505') return new AppError('conflict', 'This exists already.', { cause: error })
  if (code === '23503') {
    return new AppError('not-found', 'What this belongs to is not there.', { cause: error })
  }
  if (code === '57014') {
    return new AppError('timeout', 'The database took too long.', { cause: error })
  }
  if (code === '53100') {
    return new AppError('unavailable', 'The disk of the database is full.', {
      key: 'databaseFull',
      cause: error,
    })
  }
  // Classes 08, 25006, 40, 53, 55, 57, 58: connection, a standby, deadlock, resources, locks, operators, the system.
  // Without a code it is the network.
  if (code === undefined || /^(08|25006|40|53|55|57|58)/.test(code)) {
    return new AppError('unavailable', 'The database does not answer.', {
      key: 'databaseAway',
      cause: error,
    })
  }
  return new AppError('internal', 'The database refused the request.', { cause: error })
}

/**
 * Whether the same statement with the same values is refused however often it is sent: data that PostgreSQL cannot hold
 * (class 22), a constraint (23), a limit of size (54), or what it does not understand (0A, 42). All else may pass later.
 */
export function isRefusedForGood(error: unknown): boolean {
  return /^(0A|22|23|42|54)/.test(sqlStateOf(error) ?? '')
}

/** Of the error itself or of a cause. */
function sqlStateOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code)) return at.code
  }
  return undefined
}

/** Runs a piece of work on the database; what goes wrong comes out as an AppError. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateFailure(error)
  }
}
