import { type Declarations, review } from '#server/platform/model/route-declaration.ts'

const bindings = 'modelbindings.bindery.dev'

/** Rings of the model services: who is on which engine, how it fares, and moving between them. */
export const ringDeclarations = {
  'GET /api/rings': {
    access: review('approve', bindings, 'serving'),
    says: 'rings of each model service: tenants, errors, times',
  },
  'POST /api/rings/:namespace/:name/share': {
    access: review('approve', bindings, 'serving'),
    says: 'move tenants between rings, or say who would move',
    sampleBody: { share: { canaryPercent: 10 }, preview: true },
  },
  'POST /api/rings/:namespace/:name/promote': {
    access: review('create', 'taskruns.tekton.dev', 'serving'),
    says: "start the stable ring's engine from the canary's image",
    sampleBody: { why: 'The canary did well for a week.' },
  },
} as const satisfies Declarations
