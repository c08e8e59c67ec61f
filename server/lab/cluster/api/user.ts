/** Who asks, after authentication and impersonation. */
export type User = {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

/** What is asked, as RBAC sees it. */
export type Attributes =
  | {
      verb: string
      group: string
      version: string
      resource: string
      subresource?: string
      namespace?: string
      name?: string
    }
  | { verb: string; path: string }

export type Decision = { allowed: boolean; reason: string }

/** The two questions that the server asks before anything else. */
export type Access = {
  /**
   * Undefined: credentials were given and are bad (401). No credentials: `system:anonymous`.
   * A valid client certificate is judged before a token, which then is not looked at.
   * Impersonation is resolved here too; a StatusError is thrown where it is not allowed.
   */
  authenticate(
    headers: Record<string, string | string[] | undefined>,
    certificate?: User | 'invalid',
  ): Promise<User | undefined>
  authorize(user: User, attributes: Attributes): Decision
}
