import { AppError, type FieldError } from '#server/platform/model/errors.ts'

/** Why it is refused, beside the fields that it is refused for; empty where it is not. What has no field is thrown on. */
export async function problemsOf(attempt: () => Promise<unknown>): Promise<FieldError[]> {
  try {
    await attempt()
    return []
  } catch (error) {
    if (!(error instanceof AppError) || !error.details.fields?.length) throw error
    const { fields, key, values } = error.details
    // The only field of an error is what the error itself is about.
    return fields.map((one) =>
      one.message === error.message ? { ...one, key: one.key ?? key, values } : one,
    )
  }
}
