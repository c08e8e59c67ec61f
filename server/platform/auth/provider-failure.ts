import {
  AuthorizationResponseError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { AppError } from '#server/platform/model/errors.ts'

const retryAfterSeconds = 5

/** No answer, an answer too late, or one that says it is overloaded or broken. */
export function providerAway(cause?: unknown): AppError {
  return new AppError('unavailable', 'The sign-in provider does not answer.', {
    key: 'session.providerSilent',
    retryAfterSeconds,
    cause,
  })
}

/** An answer that cannot be used: not what OpenID Connect says, or not of this provider. */
export function providerUnusable(cause: unknown): AppError {
  return new AppError('unavailable', 'The sign-in provider gave an answer that cannot be used.', {
    key: 'session.providerUnusable',
    retryAfterSeconds,
    cause,
  })
}

export function providerRefuses(message: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', message, { key: 'session.refused', cause })
}

function providerRefusesClient(cause: unknown): AppError {
  return new AppError('unavailable', 'The sign-in provider does not accept Bindery as a client.', {
    key: 'session.providerRefusesClient',
    retryAfterSeconds,
    cause,
  })
}

/** OAuth 2.0 error codes that are about the client, not the person: only an administrator can mend them. */
const ofClient = new Set([
  ...['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'],
  ...['invalid_request', 'unsupported_response_type'],
])

/** What a failed exchange with the provider means: `unauthenticated` where it refuses this person for good. */
export function providerFailure(error: unknown): AppError {
  const known = appErrorIn(error)
  if (known) return known
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    if (ofClient.has(error.error)) return providerRefusesClient(error)
    if (error.error === 'invalid_grant') {
      return providerRefuses('The provider no longer vouches for this session.', error)
    }
    if (error.error === 'temporarily_unavailable' || error.error === 'server_error') {
      return providerAway(error)
    }
  }
  if (error instanceof AuthorizationResponseError) {
    return providerRefuses('The provider did not sign this person in.', error)
  }
  if (error instanceof WWWAuthenticateChallengeError && error.status === 401) {
    return providerRefusesClient(error)
  }
  return providerUnusable(error)
}

/** Libraries wrap what our own fetch threw. */
function appErrorIn(error: unknown): AppError | undefined {
  let at = error
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at instanceof AppError) return at
    at = at.cause
  }
  return undefined
}
