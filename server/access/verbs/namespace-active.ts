import { Namespace } from '#server/platform/kube/kinds.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { BindingContext } from './binding-access.ts'

/** A namespace that is not there, or is going away, takes no new access. */
export async function refuseGoneNamespace(
  ctx: Pick<BindingContext, 'kube'>,
  name: string,
): Promise<void> {
  const namespace = await ctx.kube.find(Namespace, { name })
  if (!namespace) {
    const text = `There is no namespace ${name}.`
    throw new AppError('not-found', text, {
      key: 'binding.noNamespace',
      fields: [{ field: 'namespace', message: text }],
    })
  }
  if (namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp) {
    throw terminating(name)
  }
}

/** Named beside its field, also where the API server is the first to say so. */
export function terminating(name: string): AppError {
  const text = `The namespace ${name} is being deleted.`
  return new AppError('conflict', text, {
    key: 'binding.namespaceTerminating',
    fields: [{ field: 'namespace', message: text }],
  })
}
