import { z } from 'zod'
import { demoPeople, personViewOf } from '#server/platform/auth/demo-people.ts'
import type { SignInOptions } from '#server/platform/auth/views/sign-in.ts'
import { getMe } from '#server/processes/web/get-me.ts'
import { route } from '#server/processes/web/route.ts'
import { getServiceView } from '#server/serving/verbs/get-service-view.ts'
import { listServices } from '#server/serving/verbs/list-services.ts'

export const systemRoutes = {
  'GET /api/health': route('GET /api/health', {
    status: (view) => (z.object({ ok: z.boolean() }).parse(view).ok ? 200 : 503),
    handle: ({ state }) => state.readiness.check(),
  }),
  'GET /api/people': route('GET /api/people', {
    async handle({ state: { config } }): Promise<SignInOptions> {
      const people = demoPeople(config).map(personViewOf)
      return config.OIDC_ISSUER ? { people: [], sso: { name: config.OIDC_NAME } } : { people }
    },
  }),
  'GET /api/me': route('GET /api/me', {
    handle: ({ ctx, state, header }) =>
      getMe(ctx, {
        demo: state.config.DEMO_PEOPLE !== undefined,
        unwatchedStopSeconds: state.config.UNWATCHED_STOP_SECONDS,
        language: /(?:^|;\s*)bindery-language=zh-CN/.test(header('cookie') ?? '') ? 'zh-CN' : 'en',
      }),
  }),
  'GET /api/services': route('GET /api/services', { handle: ({ ctx }) => listServices(ctx) }),
  'GET /api/services/:namespace/:name': route('GET /api/services/:namespace/:name', {
    handle: ({ ctx, params }) => getServiceView(ctx, params),
  }),
}
