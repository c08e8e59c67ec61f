import { type Declarations, everyone, signedIn } from '#server/platform/model/route-declaration.ts'

/** How a session begins and ends. */
export const sessionDeclarations = {
  'POST /api/sign-in': {
    access: everyone,
    says: 'begins a sign-in; answers where the browser goes at the provider',
    native: true,
  },
  // The path is registered at providers.
  'GET /api/auth/callback/oidc': {
    access: everyone,
    says: 'where the provider sends the browser back to; leads on to the page that was wanted',
    native: true,
  },
  'POST /api/sign-in/demo': {
    access: everyone,
    says: 'signs in as one of the people of DEMO_PEOPLE',
    native: true,
  },
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
