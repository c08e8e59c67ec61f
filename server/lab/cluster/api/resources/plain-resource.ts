import { usualColumns } from '#server/lab/cluster/api/discovery/table.ts'
import type { Column, Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'

type Plain = Partial<Resource> & {
  kind: string
  plural: string
  /** Name of the model whose schema it has; `V1` and the kind where absent. */
  model?: string
  between?: Column[]
}

/** A built-in kind that is stored, validated by its schema, and otherwise left to whoever reads it. */
export function plainResource({ model, between = [], ...own }: Plain): Resource {
  return {
    group: '',
    version: 'v1',
    singular: own.kind.toLowerCase(),
    namespaced: true,
    schema: builtinSchema(model ?? `V1${own.kind}`),
    columns: usualColumns(...between),
    ...own,
  }
}

export function text(name: string, cell: Column['cell'], description = ''): Column {
  return { name, type: 'string', description, cell }
}
