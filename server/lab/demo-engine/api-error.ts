/** An error in the shape of vLLM's OpenAI-compatible server. */
export class ApiError extends Error {
  readonly status: number
  readonly type: string
  readonly param: string | null

  constructor(status: number, type: string, message: string, param: string | null = null) {
    super(message)
    this.status = status
    this.type = type
    this.param = param
  }
}

export function badRequest(message: string, param: string | null = null): ApiError {
  return new ApiError(400, 'BadRequestError', message, param)
}

/** `{"error":{message,type,param,code}}`; what is not ours is told without its details. */
export function errorBody(error: unknown): { error: object } {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalServerError', 'The engine failed unexpectedly.')
  const { message, type, param, status: code } = known
  return { error: { message, type, param, code } }
}
