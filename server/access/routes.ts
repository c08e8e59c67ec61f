import { type Declarations, review, signedIn } from '#server/platform/model/route-declaration.ts'

const bindings = 'modelbindings.bindery.dev'
const services = 'modelservices.bindery.dev'

const quota = { requestsPerMinute: 10, tokensPerDay: 100_000, concurrency: 1 }

const samplePreview = {
  namespace: 'research-team-a',
  modelService: { namespace: 'model-serving-prod', name: 'vibethinker' },
  strategy: 'ExternalName',
  alias: 'vibethinker-gateway',
  purpose: 'Research',
  durationDays: 7,
  quota,
}

const sampleRequest = {
  ...samplePreview,
  justification: 'Evaluating competition problems for a seminar.',
}

/** Model services, and who is bound to them. */
export const accessDeclarations = {
  'GET /api/services': { access: signedIn, says: 'model services' },
  'GET /api/services/:namespace/:name': {
    access: review('get', services, 'path'),
    says: 'one model service',
  },

  'GET /api/bindings': { access: signedIn, says: 'bindings' },
  'POST /api/bindings': {
    access: review('create', bindings, 'body'),
    says: 'ask for access',
    sampleBody: sampleRequest,
  },
  'POST /api/bindings/preview': {
    access: review('create', bindings, 'body'),
    says: 'what a request would make and permit, before it is sent',
    sampleBody: samplePreview,
  },
  'GET /api/bindings/:namespace/:name': {
    access: review('get', bindings, 'path'),
    says: 'one binding',
  },
  'GET /api/bindings/:namespace/:name/usage': {
    access: review('get', bindings, 'path'),
    says: 'what a binding used',
  },
  'PATCH /api/bindings/:namespace/:name': {
    access: review('update', bindings, 'path'),
    says: 'change what is asked for',
    sampleBody: { generation: 1, durationDays: 8 },
  },
  'POST /api/bindings/:namespace/:name/preview': {
    access: review('update', bindings, 'path'),
    says: 'what a change would make and permit, before it is sent',
    sampleBody: { generation: 1, durationDays: 8 },
  },
  'DELETE /api/bindings/:namespace/:name': {
    access: review('delete', bindings, 'path'),
    says: 'withdraw a request, or end access and remove the binding',
  },
  'POST /api/bindings/:namespace/:name/decision': {
    access: review('approve', bindings, 'path'),
    says: 'approve or deny what was reviewed',
    sampleBody: {
      decision: 'approve',
      digest: `sha256:${'0'.repeat(64)}`,
      generation: 1,
      comment: '',
    },
  },
  'POST /api/bindings/:namespace/:name/terms': {
    access: review('approve', bindings, 'path'),
    says: 'offer less than was asked, or another ring; the plan is sealed anew',
    sampleBody: { generation: 1, durationDays: 7, comment: 'A week to begin with.' },
  },
  'POST /api/bindings/:namespace/:name/withdraw': {
    access: review('update', bindings, 'path'),
    says: 'take a change back: what is granted stays',
  },
  'POST /api/bindings/:namespace/:name/ring': {
    access: review('approve', bindings, 'path'),
    says: 'move access to another ring',
    sampleBody: { ring: 'canary', comment: 'To try the next release.' },
  },
  'POST /api/bindings/:namespace/:name/release': {
    access: review('update', bindings, 'path'),
    says: 'give access back',
    sampleBody: { comment: 'No longer needed.' },
  },
  'POST /api/bindings/:namespace/:name/revoke': {
    access: review('revoke', bindings, 'path'),
    says: 'take access away',
    sampleBody: { comment: 'The quota is needed elsewhere.' },
  },
  'POST /api/bindings/:namespace/:name/retry': {
    access: review('approve', bindings, 'path'),
    says: 'run a failed run again',
  },
  'POST /api/bindings/:namespace/:name/test': {
    access: review('use', bindings, 'path'),
    says: 'try the connection: the models and one token, with times',
  },
} as const satisfies Declarations
