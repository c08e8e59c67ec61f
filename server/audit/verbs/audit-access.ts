import type { Context } from '#server/context.ts'

/** The trail belongs to the installation, which is at home in the serving namespace. */
export function authorizeAudit(ctx: Context): Promise<void> {
  return ctx.authorize({
    verb: 'get',
    resource: 'audit.bindery.dev',
    namespace: ctx.servingNamespace,
  })
}
