import { type Declarations, own, signedIn } from './declaration.ts'

const sampleGeneration = {
  binding: { namespace: 'research-team-a', name: 'vibethinker' },
  messages: [{ role: 'user', content: 'Solve x + 1 = 2.' }],
  sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 256 },
}

/** What is asked of the model. */
export const playgroundDeclarations = {
  'GET /api/generations': { access: signedIn, says: 'my generations' },
  'POST /api/generations': {
    // The binding to speak for stands in the body; the use case asks for the verb `use` on it.
    access: signedIn,
    says: 'ask the model',
    sampleBody: sampleGeneration,
  },
  'GET /api/generations/:id': { access: own, says: 'one generation' },
  'POST /api/generations/:id/stop': { access: own, says: 'stop it' },
  'GET /api/generations/:id/events': { access: own, says: 'its tokens, live', stream: true },
} as const satisfies Declarations
