import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { OlderRunsQuery, OlderRunsView } from '#server/runs/views/older-runs-view.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { RunDetailView } from '#server/runs/views/run-detail-view.ts'
import type { LogRangeView, LogSearchView } from '#server/runs/views/run-log-views.ts'
import type { TaskDetailView } from '#server/runs/views/task-detail-view.ts'
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

const partRows = 2000

/** Rows around one, for a log that is larger than its page. */
export function logPartQuery(
  { namespace, name }: Pick<RunView, 'namespace' | 'name'>,
  row: number,
  container?: string,
) {
  const from = Math.max(1, row - partRows / 4)
  const query = new URLSearchParams({ from: String(from), limit: String(partRows) })
  if (container) query.set('container', container)
  return queryOptions({
    queryKey: ['runs', namespace, name, 'part', String(query)],
    queryFn: ({ signal }) =>
      request<LogRangeView>(
        'GET',
        `${pathOf('runs', namespace, name, 'log', 'lines')}?${query}`,
        undefined,
        signal,
      ),
    placeholderData: keepPreviousData,
  })
}

/** What the server finds in the whole log; for what of it is not in the page. */
export function logSearchQuery(
  { namespace, name }: Pick<RunView, 'namespace' | 'name'>,
  wish: { text: string; regex: boolean; case: boolean; word: boolean },
  part: { container?: string; step?: string; around: number },
) {
  const flag = (on: boolean) => (on ? '1' : '0')
  const query = new URLSearchParams({
    q: wish.text,
    regex: flag(wish.regex),
    case: flag(wish.case),
    word: flag(wish.word),
    limit: '1',
    around: String(part.around),
  })
  if (part.container) query.set('container', part.container)
  if (part.step) query.set('step', part.step)
  return queryOptions({
    queryKey: ['runs', namespace, name, 'search', String(query)],
    queryFn: ({ signal }) =>
      request<LogSearchView>(
        'GET',
        `${pathOf('runs', namespace, name, 'log', 'search')}?${query}`,
        undefined,
        signal,
      ),
  })
}

/** Runs that are gone, further and further back. */
export function olderRunsQuery(before: OlderRunsQuery | undefined) {
  return infiniteQueryOptions({
    queryKey: ['runs', 'older', before?.before, before?.name],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(pageParam)
      return request<OlderRunsView>('GET', `/api/runs/older?${query}`, undefined, signal)
    },
    initialPageParam: before ?? { before: '', name: '' },
    getNextPageParam: ({ next }) => next,
    enabled: before !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
