import type { AuditEvent } from '#server/audit/model/audit-record.ts'
import type { Access, Context } from '#server/context.ts'
import type { AccessAttributes, Identity } from '#server/platform/kube/access-reviews.ts'
import type { Actor } from '#server/platform/model/actor.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ProcessState } from './process-state.ts'

/** What a use case stands on, for one request. A person's rights are what the cluster says of their name and groups. */
export function contextOf(
  state: Pick<
    ProcessState,
    'kube' | 'store' | 'log' | 'reviews' | 'config' | 'audit' | 'redaction'
  >,
  actor: Actor,
  signal: AbortSignal,
  origin: { requestId?: string; source?: string } = {},
): Context {
  const reviews = actor.type === 'person' && once(() => state.reviews.of(identityOf(actor)))
  async function may(access: Access): Promise<boolean> {
    return !reviews || reviews().may(attributesOf(access))
  }
  return {
    actor,
    kube: state.kube,
    store: state.store,
    log: state.log,
    now: () => state.kube.now(),
    signal,
    requestId: origin.requestId,
    servingNamespace: state.config.SERVING_NAMESPACE,
    redaction: state.redaction,
    // Of all that is proven by what is there now, only what this request has done came from there.
    note: (events) => {
      const { requestId } = origin
      const own = (event: AuditEvent) => requestId !== undefined && event.requestId === requestId
      state.audit.note(events.map((event) => (own(event) ? { ...event, ...origin } : event)))
    },
    may,
    mayCached: async (access) => !reviews || reviews().mayCached(attributesOf(access)),
    async authorize(access) {
      if (!(await may(access))) throw refusalOf(access)
    },
  }
}

export function identityOf({ user, groups }: Extract<Actor, { type: 'person' }>): Identity {
  // The API server adds this group to everybody it knows; a review must say it itself.
  return { user, groups: [...groups, 'system:authenticated'] }
}

function attributesOf({ resource, ...access }: Access): AccessAttributes {
  const dot = resource.indexOf('.')
  return {
    ...access,
    resource: dot < 0 ? resource : resource.slice(0, dot),
    group: dot < 0 ? '' : resource.slice(dot + 1),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

function refusalOf({ verb, resource, namespace }: Access): AppError {
  const where = namespace ? ` in ${namespace}` : ''
  return new AppError('forbidden', `You may not ${verb} ${resource.split('.')[0]}${where}.`, {
    key: 'mayNot',
    values: { verb, resource, namespace: namespace ?? '' },
  })
}
