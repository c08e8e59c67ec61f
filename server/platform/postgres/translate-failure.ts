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
  // Classes 08, 53, 57: connection, resources, operator intervention. Without a code it is the network.
  if (code === undefined || /^(08|53|57)/.test(code)) {
    return new AppError('unavailable', 'The database does not answer.', {
      key: 'databaseAway',
      cause: error,
    })
  }
  return new AppError('internal', 'The database refused the request.', { cause: error })
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
