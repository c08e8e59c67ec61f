/** The names under which Bindery stands in a cluster. Labels are for people and selectors; grants never rest on them. */
export const apiGroup = 'bindery.dev'
export const apiVersion = 'bindery.dev/v1alpha1'

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  bindingNamespace: 'bindery.dev/binding-namespace',
  bindingName: 'bindery.dev/binding-name',
  bindingUid: 'bindery.dev/binding-uid',
  intent: 'bindery.dev/intent',
} as const

export const annotations = {
  /** Who asked, written by the web alone; absent where the request was made with kubectl. */
  requestedBy: 'bindery.dev/requested-by',
  startedBy: 'bindery.dev/started-by',
  reason: 'bindery.dev/reason',
  planDigest: 'bindery.dev/plan-digest',
  generation: 'bindery.dev/binding-generation',
} as const

export const managedByBindery = 'bindery'
export const bindingFinalizer = 'bindery.dev/unbind'
/** Field manager of everything that the Tasks apply; a conflict with it is a foreign object. */
export const binderFieldManager = 'bindery-binder'
/** Audience that a tenant's ServiceAccount token must carry to be heard by the gateway. */
export const gatewayAudience = 'bindery'
/** With this header our own accounts speak for a binding, `namespace/name`; the gateway asks RBAC whether they may. */
export const speakForHeader = 'x-bindery-binding'

export const taskNames = {
  bind: 'bind-namespace',
  unbind: 'unbind-namespace',
  start: 'start-vibethinker-service',
} as const
