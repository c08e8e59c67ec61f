import { type Declarations, everyone, signedIn } from '#server/platform/model/route-declaration.ts'

/** The installation itself, who I am, and the lists that are live on every page. */
export const systemDeclarations = {
  'GET /api/health': {
    access: everyone,
    says: 'whether the whole story can be told, and what keeps it from it',
  },
  'GET /api/openapi.json': {
    access: everyone,
    says: 'every route of this API: what it needs and what it takes',
  },
  'GET /api/people': {
    access: everyone,
    says: 'how one can sign in: the people of the demo, or a provider',
  },
  'GET /api/me': { access: signedIn, says: 'who I am and what I may do' },

  'GET /api/stream': { access: signedIn, says: 'lists, live', stream: true },
} as const satisfies Declarations
