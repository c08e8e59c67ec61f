export type FindingState = 'ok' | 'warning' | 'problem' | 'skipped'

/** What one look found. Every state but `ok` says what to do. */
export type Finding = {
  check: string
  state: FindingState
  message: string
  todo?: string
}

/** Of one check: its name is put in front by whoever runs it. */
export type Found = Omit<Finding, 'check'>

export function ok(message: string): Found {
  return { state: 'ok', message }
}

export function warning(message: string, todo: string): Found {
  return { state: 'warning', message, todo }
}

export function problem(message: string, todo: string): Found {
  return { state: 'problem', message, todo }
}

export function skipped(message: string, todo: string): Found {
  return { state: 'skipped', message, todo }
}
