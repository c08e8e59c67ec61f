import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type {
  MoveShareView,
  RingShare,
  RolloutAction,
  ServiceRingsView,
} from '#server/serving/views/ring-views.ts'

type Service = Pick<ServiceRingsView, 'namespace' | 'name'>

export function moveShare({ namespace, name }: Service) {
  return mutationOptions({
    mutationFn: (body: { share: RingShare; preview: boolean; comment?: string }) =>
      request<MoveShareView>('POST', pathOf('rings', namespace, name, 'share'), body),
  })
}

export function promoteCanary({ namespace, name }: Service) {
  return mutationOptions({
    mutationFn: (why: string) =>
      request<RunView>('POST', pathOf('rings', namespace, name, 'promote'), { why }),
  })
}

export function steerRollout(rollout: string) {
  return mutationOptions({
    mutationFn: (body: { action: RolloutAction; why: string }) => {
      const params = { rollout, action: body.action }
      return request<RunView>('POST', '/api/runs', { task: 'steer-rollout', params, why: body.why })
    },
  })
}
