/** Why a TaskRun fails before it has a pod; `byUser` where the condition says whose error it is. */
export class TaskRunFailure extends Error {
  readonly reason: string
  readonly byUser: boolean

  constructor(reason: string, message: string, byUser: boolean) {
    super(message)
    this.reason = reason
    this.byUser = byUser
  }

  /** What the condition says. */
  get conditionMessage(): string {
    return this.byUser ? `[User error] ${this.message}` : this.message
  }
}

/** The run and its Task do not fit together. */
export function invalidRun(message: string): TaskRunFailure {
  return new TaskRunFailure('TaskRunValidationFailed', message, true)
}
