import { type Declarations, everyone, signedIn } from '#server/platform/model/route-declaration.ts'

/** Where code of an answer is run: in the reader's browser, in a document of its own. */
export const codeBoxDeclarations = {
  // A document without an origin may come without cookies, and this one holds nothing of anybody.
  'GET /api/code-box': {
    access: everyone,
    says: 'the document that runs code, with its own policy: no origin, no network',
    stream: true,
  },
  // Our page asks for these, and hands them in.
  'GET /api/code-box/:version/:file': {
    access: signedIn,
    says: 'the interpreter of Python, in parts that never change',
    stream: true,
  },
} as const satisfies Declarations
