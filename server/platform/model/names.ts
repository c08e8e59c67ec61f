/** The names under which Bindery stands in a cluster. Labels are for people and selectors; grants never rest on them. */
export const apiGroup = 'bindery.dev'
export const apiVersion = 'bindery.dev/v1alpha1'

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  bindingNamespace: 'bindery.dev/binding-namespace',
  bindingName: 'bindery.dev/binding-name',
  bindingUid: 'bindery.dev/binding-uid',
  intent: 'bindery.dev/intent',
  /** On engines that a start run may update, and that the gateway alone may reach. */
  engine: 'bindery.dev/engine',
} as const

export const annotations = {
  /** Who asked. The web writes it for people; with kubectl everybody signs with their own name, and must. */
  requestedBy: 'bindery.dev/requested-by',
  /** Who signed for them: a GitOps tool with the verb sign-for. Absent where people signed themselves. */
  signedBy: 'bindery.dev/signed-by',
  /** The number of the request that it comes from, as logs and the audit trail have it. */
  requestId: 'bindery.dev/request-id',
  /** On a run: who started it. On a Task: `controller` where nobody starts its runs by hand. */
  startedBy: 'bindery.dev/started-by',
  reason: 'bindery.dev/reason',
  planDigest: 'bindery.dev/plan-digest',
  /** On what is remembered of a run: since when the cluster does not have it any more. */
  goneAt: 'bindery.dev/gone-at',
  generation: 'bindery.dev/binding-generation',
  /** On a Task: what its runs run as, how often they try again, and how long they may take. */
  serviceAccount: 'bindery.dev/service-account',
  retries: 'bindery.dev/retries',
  timeout: 'bindery.dev/timeout',
  /** On a Task: names, parted by commas, of workspaces that are an emptyDir of the run's own and nothing else. */
  ownWorkspaces: 'bindery.dev/own-workspaces',
} as const

export const managedByBindery = 'bindery'
export const bindingFinalizer = 'bindery.dev/unbind'
/** Field manager of everything that the Tasks apply; a conflict with it is a foreign object. */
export const binderFieldManager = 'bindery-binder'
/** Audience that a tenant's ServiceAccount token must carry to be heard by the gateway. */
export const gatewayAudience = 'bindery'
/** With this header our own accounts speak for a binding, `namespace/name`; the gateway asks RBAC whether they may. */
export const speakForHeader = 'x-bindery-binding'
/** Beside `speakForHeader`: the person on whose behalf, for usage. */
export const callerHeader = 'x-bindery-caller'
/** Beside `speakForHeader`: the call is the probe of a binding that is still being made true (see grant-in-force.ts). */
export const probeHeader = 'x-bindery-probe'
/** On the gateway's refusal of a probe: since when it refuses, and how many answers that cut off. */
export const refusedSinceHeader = 'x-bindery-refused-since'
export const cutAnswersHeader = 'x-bindery-cut-answers'
/** In the gateway's answer, where the day's quota allowed fewer tokens per answer than were requested: how many. */
export const allowedTokensHeader = 'x-bindery-allowed-tokens'
/** In the gateway's answer: parameters of the request, by commas, that the engine does not have. */
export const ignoredParametersHeader = 'x-bindery-ignored-parameters'
/** On the gateway's operations port, which policies open to the controller: what stands behind it (describe-engines.ts). */
export const enginesPath = '/engines'
/** Of a gateway's pod. Policies let the controller through to the second, and not to the first. */
export const gatewayPorts = { serving: 8080, operations: 8081 } as const
/** Public keys (PEM) of the signatures on receipts, in the serving namespace; the private one is in a Secret there. */
export const receiptKeysConfigMap = 'bindery-receipt-keys'
/** The pod that uses access from the tenant's own side, and the ConfigMap of the serving namespace that names its image. */
export const probePod = 'bindery-probe'
/** In place of who asked, where a request came by kubectl and nobody signed it (see manifests/policies/admission.yaml). */
export const unknownRequester = 'bindery:unknown'
/** Who decides where a ModelService approves by itself. */
export const autoApprover = 'bindery:auto'

export const taskNames = {
  bind: 'bind-namespace',
  unbind: 'unbind-namespace',
  start: 'start-vibethinker-service',
} as const

export const binderServiceAccount = 'bindery-binder'
export const controllerServiceAccount = { namespace: 'bindery-system', name: 'bindery-controller' }
/** The ClusterRole that exists in a tenant namespace, by RoleBinding, only while a binding does. */
export const tenantBinderRole = 'bindery-tenant-binder'
export const controllerLease = 'bindery-controller'
