import { type Declarations, own, signedIn } from '#server/platform/model/route-declaration.ts'

const samplePreset = {
  title: 'Number theory',
  description: '',
  systemPrompt: 'You are a mathematics assistant solving problems of number theory.',
  sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 40_960 },
}

/** A person's own ways of asking. */
export const presetDeclarations = {
  'GET /api/presets': { access: signedIn, says: 'my presets' },
  'POST /api/presets': { access: signedIn, says: 'keep a preset', sampleBody: samplePreset },
  'GET /api/presets/:id': { access: own, says: 'one preset with its versions' },
  'PATCH /api/presets/:id': {
    access: own,
    says: 'write its next version',
    sampleBody: { ...samplePreset, version: 1 },
  },
  'DELETE /api/presets/:id': { access: own, says: 'delete it with all versions' },
  'POST /api/presets/:id/restore': {
    access: own,
    says: 'make an earlier version the newest',
    sampleBody: { version: 1 },
  },
} as const satisfies Declarations
