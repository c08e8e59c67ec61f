import { type Declarations, everyone, signedIn } from './declaration.ts'

/** The end of being signed in; its beginning is next-auth's, under `/api/auth`. */
export const sessionDeclarations = {
  'POST /api/sign-out': {
    access: signedIn,
    says: 'ends this session, or all of mine; answers where to sign out at the provider',
    // Not well-formed on purpose: whoever asks with it stays signed in.
    sampleBody: { everywhere: 'perhaps' },
  },
  'POST /api/sign-out/provider': {
    access: everyone,
    says: 'how the provider tells of a sign-out (OpenID Connect Back-Channel Logout 1.0)',
    form: true,
  },
} as const satisfies Declarations
