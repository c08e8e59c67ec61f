import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { RunDetailView } from '#server/domain/run-detail-view.ts'
import type { TaskDetailView } from '#server/domain/task-detail-view.ts'
import type { RunView } from '#server/domain/views.ts'
import { pathOf } from './queries.ts'
import { request } from './request.ts'

/** Asked again whenever the run has become something else: the list that is live says when. */
export function runDetailQuery({
  namespace,
  name,
  state,
  steps,
}: Pick<RunView, 'namespace' | 'name' | 'state' | 'steps'>) {
  const seen = `${state} ${steps.map((step) => step.state).join()}`
  return queryOptions({
    queryKey: ['runs', namespace, name, 'detail', seen],
    queryFn: ({ signal }) =>
      request<RunDetailView>('GET', pathOf('runs', namespace, name, 'detail'), undefined, signal),
    placeholderData: keepPreviousData,
  })
}

export function taskQuery(namespace: string, name: string) {
  return queryOptions({
    queryKey: ['tasks', namespace, name],
    queryFn: ({ signal }) =>
      request<TaskDetailView>('GET', pathOf('tasks', namespace, name), undefined, signal),
  })
}
