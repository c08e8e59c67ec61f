import { type Declarations, own, signedIn } from '#server/platform/model/route-declaration.ts'

const sampleQuestion = {
  question: { text: 'Solve x + 1 = 2.' },
  variants: [
    {
      binding: { namespace: 'research-team-a', name: 'vibethinker' },
      systemPrompt: '',
      sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 256 },
    },
  ],
}

/** What is asked of the model, and what became of it. */
export const playgroundDeclarations = {
  'GET /api/conversations': { access: signedIn, says: 'my conversations' },
  'GET /api/conversations/:id': { access: own, says: 'one conversation, all its branches' },
  'PATCH /api/conversations/:id': {
    access: own,
    says: 'rename it',
    sampleBody: { title: 'Quadratic equations' },
  },
  'DELETE /api/conversations/:id': { access: own, says: 'delete it for good' },
  'GET /api/conversations/:id/events': {
    access: own,
    says: 'several of its answers, live',
    stream: true,
  },
  'GET /api/conversations/:id/export': {
    access: own,
    says: 'it as a file: Markdown, LaTeX, HTML or JSON',
    stream: true,
  },

  'POST /api/generations': {
    // The bindings to speak for stand in the body; the use case asks for the verb `use` on each.
    access: signedIn,
    says: 'ask the model',
    native: true,
    // 200,000 characters of a question and of a role, in any script.
    bodyBytesMax: 2_000_000,
    sampleBody: sampleQuestion,
  },
  'GET /api/generations/:id': { access: own, says: 'one generation' },
  'POST /api/generations/:id/continue': {
    access: own,
    says: 'go on with an answer that was cut off',
    native: true,
    sampleBody: {},
  },
  'POST /api/generations/:id/finish': {
    access: own,
    says: 'end its thinking and ask for the answer',
    native: true,
  },
  'POST /api/generations/:id/stop': { access: own, says: 'stop it' },
  'GET /api/generations/:id/events': { access: own, says: 'its tokens, live', stream: true },
} as const satisfies Declarations
