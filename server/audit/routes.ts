import { type Declarations, review } from '#server/platform/model/route-declaration.ts'

/** No kind of the cluster: a name that RBAC knows, so that reading the trail is a right like any other. */
const trail = 'audit.bindery.dev'

/** What happened, kept as a chain. */
export const auditDeclarations = {
  'GET /api/audit': { access: review('get', trail, 'serving'), says: 'the audit trail, searched' },
  'GET /api/audit/newer': {
    access: review('get', trail, 'serving'),
    says: 'how many records came since',
  },
  'GET /api/audit/state': {
    access: review('get', trail, 'serving'),
    says: 'where the chain ends, and how far it was verified',
  },
  'POST /api/audit/verify': {
    access: review('get', trail, 'serving'),
    says: 'verify the whole chain now',
    sampleBody: {},
  },
  'GET /api/audit/webhooks': {
    access: review('get', trail, 'serving'),
    says: 'who is told what happens, and how that goes',
  },
  'POST /api/audit/webhooks/:name/retry': {
    access: review('update', 'webhooks.bindery.dev', 'serving'),
    says: 'try anew what a place did not take',
    sampleBody: {},
  },
  'GET /api/audit/export.csv': {
    access: review('get', trail, 'serving'),
    says: 'what was found, as a table',
    stream: true,
  },
  'GET /api/audit/export.jsonl': {
    access: review('get', trail, 'serving'),
    says: 'what was found, with hashes, a record a line',
    stream: true,
  },
  'GET /api/bindings/:namespace/:name/history': {
    access: review('get', 'modelbindings.bindery.dev', 'path'),
    says: 'what is on record of a binding',
  },
} as const satisfies Declarations
