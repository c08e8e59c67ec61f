/** Who acts: a person at a browser, or one of our own processes. */
export type Actor =
  | { type: 'person'; user: string; name: string; groups: string[] }
  | { type: 'system'; process: 'web' | 'controller' | 'gateway' }
