import type { IncomingMessage } from 'node:http'
import type { AccessReviews } from '#server/platform/kube/access-reviews.ts'
import { AppError } from '#server/platform/model/errors.ts'
import {
  apiGroup,
  callerHeader,
  probeHeader,
  speakForHeader,
} from '#server/platform/model/names.ts'
import type { CallerPods } from './caller-pods.ts'
import { type Account, invalidToken, looksLikeToken, type TokenReviews } from './token-reviews.ts'

export type Identity = {
  /** Who is counted as the caller: a ServiceAccount's user name, or the person who was spoken for. */
  caller: string
  namespace: string
  /** The one binding that is meant, where the caller named it. */
  binding?: string
  how: 'token' | 'pod-ip' | 'speaker'
  probing: boolean
}

export type Identify = (request: IncomingMessage, gone: AbortSignal) => Promise<Identity>

/**
 * Who is calling: a ServiceAccount by its token, one of our own accounts that speaks for a binding, or, where a
 * ModelService allows it, a pod by its address. Throws `unauthenticated`, `forbidden`, or `unavailable`.
 */
export function identifier(parts: {
  tokens: TokenReviews
  access: AccessReviews
  pods: CallerPods
}): Identify {
  return async (request, gone) => {
    const token = bearerOf(request)
    const named = bindingNamedBy(request)
    if (token === undefined) {
      if (named) throw invalidToken(`${speakForHeader} needs a token.`)
      return byAddress(parts.pods, request, gone)
    }
    const account = await parts.tokens.review(token, addressOf(request))
    const own = serviceAccountNamespace(account.user)
    if (!named) {
      if (own === undefined) throw forbidden('Only a ServiceAccount is bound to a model.')
      return { caller: account.user, namespace: own, how: 'token', probing: false }
    }
    const binding = `${named.namespace}/${named.name}`
    const probing = header(request, probeHeader) === '1'
    // Whoever is bound may say which of its namespace's bindings it means, and try what was granted while it is set up.
    if (own === named.namespace && header(request, callerHeader) === undefined) {
      return { caller: account.user, ...named, binding, how: 'token', probing }
    }
    await mustSpeak(parts.access, account, named)
    return {
      caller: personOf(request) ?? account.user,
      namespace: named.namespace,
      binding,
      how: 'speaker',
      probing,
    }
  }
}

function addressOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

async function byAddress(
  pods: CallerPods,
  request: IncomingMessage,
  gone: AbortSignal,
): Promise<Identity> {
  const missing = 'Send a ServiceAccount token with audience "bindery" as the bearer token.'
  if (!pods.isSynced()) throw notReady()
  if (!pods.isOn()) throw invalidToken(missing)
  const pod = await pods.find(addressOf(request), gone)
  if (!pod) throw invalidToken(`This address is no bound pod's. ${missing}`)
  const { namespace, serviceAccount } = pod
  const caller = `system:serviceaccount:${namespace}:${serviceAccount}`
  return { caller, namespace, how: 'pod-ip', probing: false }
}

async function mustSpeak(
  access: AccessReviews,
  account: Account,
  { namespace, name }: { namespace: string; name: string },
): Promise<void> {
  const what = { verb: 'speak', group: apiGroup, resource: 'modelbindings', namespace, name }
  const may = await access
    .of(account)
    .may(what)
    .catch((cause: unknown) => {
      throw new AppError('unavailable', 'It cannot be checked right now who may speak for this.', {
        key: 'identity_unavailable',
        retryAfterSeconds: 2,
        cause,
      })
    })
  if (!may) throw forbidden('This account may not speak for other bindings.')
}

export function notReady(): AppError {
  return new AppError('unavailable', 'The model gateway is still starting.', {
    key: 'gateway_starting',
    retryAfterSeconds: 1,
  })
}

function forbidden(message: string): AppError {
  return new AppError('forbidden', message, { key: 'not_allowed' })
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function bearerOf(request: IncomingMessage): string | undefined {
  const [, token = ''] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
  return looksLikeToken(token) ? token : undefined
}

function bindingNamedBy(request: IncomingMessage): { namespace: string; name: string } | undefined {
  const text = header(request, speakForHeader)
  if (text === undefined) return undefined
  const [, namespace, name] = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text) ?? []
  if (namespace && name) return { namespace, name }
  throw new AppError('bad-request', `${speakForHeader} must be namespace/name.`)
}

function serviceAccountNamespace(user: string): string | undefined {
  return /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1]
}

/** Sent with percent signs where a header cannot hold the name. */
function personOf(request: IncomingMessage): string | undefined {
  const text = header(request, callerHeader)?.slice(0, 1000)
  if (!text) return undefined
  return decoded(text)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, 253)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
