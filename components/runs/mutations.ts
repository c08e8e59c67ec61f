import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { Param } from '#server/domain/task-run.ts'
import type { RunView } from '#server/domain/views.ts'

export function startRun() {
  return mutationOptions({
    mutationFn: (body: { task: string; params: Param[]; why: string }) =>
      request<RunView>('POST', '/api/runs', {
        ...body,
        params: Object.fromEntries(body.params.map(({ name, value }) => [name, value])),
      }),
  })
}

export function cancelRun(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () => request<RunView>('POST', pathOf('runs', namespace, name, 'cancel'), {}),
  })
}

export function rerunRun(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () => request<RunView>('POST', pathOf('runs', namespace, name, 'rerun'), {}),
  })
}

export function deleteRun(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () => request<void>('DELETE', pathOf('runs', namespace, name)),
  })
}
