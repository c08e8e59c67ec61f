import { planConflict } from '#server/access/model/decide.ts'
import { foreignChange } from '#server/access/model/diff-objects.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { aliasService } from '#server/access/model/render-plan.ts'
import { isOwn } from '#server/access/reconciler/plan-objects.ts'
import { bindingState } from '#server/access/views/binding-view.ts'
import { Service } from '#server/platform/kube/kinds.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { labels } from '#server/platform/model/names.ts'
import type { BindingContext } from './binding-access.ts'

/** Says at request time what the preview would find later: the name belongs to somebody else. */
export async function refuseTakenAlias(
  ctx: BindingContext,
  namespace: string,
  alias: string,
  own?: ModelBinding,
): Promise<void> {
  const [service, bindings] = await Promise.all([
    ctx.kube.find(Service, { namespace, name: alias }),
    ctx.kube.list(ModelBinding, { namespace }),
  ])
  const other = bindings.find(
    (one) =>
      one.metadata.uid !== own?.metadata.uid &&
      (one.spec.alias === alias || one.status?.granted?.alias === alias) &&
      bindingState(one, ctx.now()) !== 'ended',
  )
  if (other) {
    throw taken(`The binding ${other.metadata.name} already has the alias ${alias}.`, alias)
  }
  const owner = service?.metadata.labels?.[labels.bindingUid]
  if (service && !bindings.some((one) => one.metadata.uid === owner)) {
    const text = `Namespace ${namespace} already has a Service ${alias} that is not Bindery's. Choose another alias.`
    throw taken(text, alias)
  }
}

/** Says at the moment of approval what came in the way after the plan was sealed. */
export async function refuseForeignAlias(
  ctx: Pick<BindingContext, 'kube'>,
  binding: ModelBinding,
): Promise<void> {
  const target = aliasService(binding.metadata.namespace ?? '', binding.spec.alias)
  const service = await ctx.kube.find(Service, target)
  if (service && !isOwn(service, binding.metadata)) throw planConflict(foreignChange(target))
}

function taken(message: string, alias: string): AppError {
  return new AppError('conflict', message, {
    key: 'binding.aliasTaken',
    values: { alias },
    fields: [{ field: 'alias', message }],
  })
}
