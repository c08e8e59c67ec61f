import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { ModelBindingSpec } from '#server/access/model/model-binding.ts'
import type { MoveRingBody, TermsBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'

export type RequestBody = Omit<ModelBindingSpec, 'released'> & { namespace: string }

/** Times in milliseconds, as seen from the web. */
export type ConnectionTest = { models: string[]; modelsMs: number; firstTokenMs: number }

/** One function per verb; the live list brings the outcome to every page. */

export function requestBinding() {
  return mutationOptions({
    mutationFn: (body: RequestBody) => request<BindingView>('POST', '/api/bindings', body),
  })
}

export function changeBinding(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: (body: Partial<ModelBindingSpec> & { generation: number; extend?: boolean }) =>
      request<BindingView>('PATCH', pathOf('bindings', namespace, name), body),
  })
}

export function decideBinding(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: (body: {
      decision: 'approve' | 'deny'
      digest: string
      generation: number
      comment: string
    }) => request<BindingView>('POST', pathOf('bindings', namespace, name, 'decision'), body),
  })
}

export function offerTerms(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: (body: TermsBody) =>
      request<BindingView>('POST', pathOf('bindings', namespace, name, 'terms'), body),
  })
}

export function withdrawChange(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () =>
      request<BindingView>('POST', pathOf('bindings', namespace, name, 'withdraw'), {}),
  })
}

export function moveRing(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: (body: MoveRingBody) =>
      request<BindingView>('POST', pathOf('bindings', namespace, name, 'ring'), body),
  })
}

export function endBinding(namespace: string, name: string, verb: 'release' | 'revoke') {
  return mutationOptions({
    mutationFn: (body: { comment: string }) =>
      request<BindingView>('POST', pathOf('bindings', namespace, name, verb), body),
  })
}

export function retryBinding(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () =>
      request<BindingView>('POST', pathOf('bindings', namespace, name, 'retry'), {}),
  })
}

export function deleteBinding(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () => request<void>('DELETE', pathOf('bindings', namespace, name)),
  })
}

export function testBinding(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () =>
      request<ConnectionTest>('POST', pathOf('bindings', namespace, name, 'test'), {}),
  })
}
