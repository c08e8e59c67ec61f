export type UsageRecord = {
  namespace: string
  binding: string
  /** Who called: a ServiceAccount's user name, or the person the web spoke for. */
  caller: string
  route: string
  ring: string
  status: number
  promptTokens: number
  completionTokens: number
  ttftMs?: number
  durationMs: number
  at: Date
}
