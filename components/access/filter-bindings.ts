import type { BindingView } from '#server/access/views/binding.ts'
import { troublesOf } from './troubles.ts'

export const bindingFilters = ['state', 'attention', 'namespace', 'service'] as const
export type BindingFilterName = (typeof bindingFilters)[number]
export type BindingFilter = Partial<Record<BindingFilterName, string>>

export const attentions = [
  'any',
  'expiring',
  'drifted',
  'stale',
  'failed',
  'heldUp',
  'pending',
] as const
type Attention = (typeof attentions)[number]

/** Those that every set filter lets through, newest first; with `expiring`, what ends first stands first. */
export function filterBindings(
  bindings: readonly BindingView[],
  filter: BindingFilter,
): BindingView[] {
  return bindings
    .filter((binding) =>
      bindingFilters.every((name) => !filter[name] || passes(binding, name, filter[name])),
    )
    .toSorted((a, b) =>
      filter.attention === 'expiring'
        ? (a.term?.expiresAt ?? '').localeCompare(b.term?.expiresAt ?? '')
        : b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id),
    )
}

/** What a filter can be set to: what occurs, and what it is set to now. */
export function bindingChoices(
  bindings: readonly BindingView[],
  name: BindingFilterName,
  chosen?: string,
): string[] {
  if (name === 'attention') return [...attentions]
  const values = new Set(bindings.map((binding) => fieldOf(binding, name)))
  if (chosen) values.add(chosen)
  return [...values].sort()
}

function passes(binding: BindingView, name: BindingFilterName, wanted: string): boolean {
  if (name !== 'attention') return fieldOf(binding, name) === wanted
  const needs: Attention[] = troublesOf(binding)
  if (binding.state === 'failed') needs.push('failed')
  if (binding.pending) needs.push('pending')
  return wanted === 'any' ? needs.length > 0 : needs.some((need) => need === wanted)
}

function fieldOf(binding: BindingView, name: 'state' | 'namespace' | 'service'): string {
  return name === 'service' ? binding.asked.modelService.name : binding[name]
}
