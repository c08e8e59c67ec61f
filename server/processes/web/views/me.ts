export type MeView = {
  user: string
  name: string
  groups: string[]
  /** Namespaces in which the person may ask for access. */
  namespaces: string[]
  can: { approve: boolean; startRuns: boolean; seeRuns: boolean; seeAudit: boolean }
  demo: boolean
  language: 'en' | 'zh-CN'
  /** How long an answer that nobody watches is still written. */
  unwatchedStopSeconds: number
}
