import { request } from '#components/data/request.ts'
import { tellFailure } from '#components/ui/tell-failure.ts'
import type { SignOutView } from '#server/platform/auth/views/sign-in.ts'
import { AppError } from '#server/platform/model/errors.ts'

/** Ends this session or all of them, and goes to where the provider ends its own; says so where that was not done. */
export async function leave(everywhere: boolean, failed: string): Promise<void> {
  try {
    const { url } = await request<SignOutView>('POST', '/api/sign-out', { everywhere })
    window.location.assign(url ?? '/sign-in')
  } catch (error) {
    const over = error instanceof AppError && error.code === 'unauthenticated'
    if (over) window.location.assign('/sign-in')
    else await tellFailure(failed)
  }
}
