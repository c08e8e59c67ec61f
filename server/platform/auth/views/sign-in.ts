/** One of the demo's people. */
export type PersonView = {
  id: string
  name: string
  role: 'researcher' | 'lecturer' | 'admin'
  group: string
}

/** Ways to sign in: the demo's people or the organisation's provider, never both. */
export type SignInOptions = { people: PersonView[]; sso?: { name: string } }

/** Where the browser goes to sign in; nothing where it is signed in already. */
export type SignInView = { url?: string }

/** Where the browser goes to be signed out at the provider too. */
export type SignOutView = { url?: string }
