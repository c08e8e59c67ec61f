import {
  changeBindingSchema,
  commentSchema,
  decisionSchema,
  moveRingSchema,
  previewRequestSchema,
  requestBindingSchema,
  termsSchema,
} from '#server/access/model/request-schema.ts'
import { changeBinding } from '#server/access/verbs/change-binding.ts'
import { checkConnection } from '#server/access/verbs/check-connection.ts'
import { decideBinding } from '#server/access/verbs/decide-binding.ts'
import { deleteBinding } from '#server/access/verbs/delete-binding.ts'
import { getBinding } from '#server/access/verbs/get-binding.ts'
import { listBindings } from '#server/access/verbs/list-bindings.ts'
import { moveRing } from '#server/access/verbs/move-ring.ts'
import { offerTerms } from '#server/access/verbs/offer-terms.ts'
import { previewChange } from '#server/access/verbs/preview-change.ts'
import { previewRequest } from '#server/access/verbs/preview-request.ts'
import { releaseBinding } from '#server/access/verbs/release-binding.ts'
import { requestBinding } from '#server/access/verbs/request-binding.ts'
import { retryBinding } from '#server/access/verbs/retry-binding.ts'
import { revokeBinding } from '#server/access/verbs/revoke-binding.ts'
import { withdrawChange } from '#server/access/verbs/withdraw-change.ts'
import { route } from '#server/processes/web/route.ts'
import { getBindingUsage } from '#server/usage/verbs/get-binding-usage.ts'

export const bindingRoutes = {
  'GET /api/bindings': route('GET /api/bindings', {
    handle: ({ ctx }) => listBindings(ctx),
  }),
  'POST /api/bindings': route('POST /api/bindings', {
    body: requestBindingSchema,
    status: 201,
    handle: ({ ctx, body }) => requestBinding(ctx, body),
  }),
  'POST /api/bindings/preview': route('POST /api/bindings/preview', {
    body: previewRequestSchema,
    handle: ({ ctx, body, state }) => previewRequest(ctx, body, state.config.CLUSTER_DOMAIN),
  }),
  'GET /api/bindings/:namespace/:name': route('GET /api/bindings/:namespace/:name', {
    handle: ({ ctx, params }) => getBinding(ctx, params),
  }),
  'GET /api/bindings/:namespace/:name/usage': route('GET /api/bindings/:namespace/:name/usage', {
    handle: ({ ctx, params }) => getBindingUsage(ctx, params),
  }),
  'PATCH /api/bindings/:namespace/:name': route('PATCH /api/bindings/:namespace/:name', {
    body: changeBindingSchema,
    handle: ({ ctx, params, body }) => changeBinding(ctx, { ...params, ...body }),
  }),
  'POST /api/bindings/:namespace/:name/preview': route(
    'POST /api/bindings/:namespace/:name/preview',
    {
      body: changeBindingSchema,
      handle: ({ ctx, params, body, state }) =>
        previewChange(ctx, { ...params, ...body }, state.config.CLUSTER_DOMAIN),
    },
  ),
  'DELETE /api/bindings/:namespace/:name': route('DELETE /api/bindings/:namespace/:name', {
    handle: ({ ctx, params }) => deleteBinding(ctx, params),
  }),
  'POST /api/bindings/:namespace/:name/decision': route(
    'POST /api/bindings/:namespace/:name/decision',
    {
      body: decisionSchema,
      handle: ({ ctx, params, body }) => decideBinding(ctx, { ...params, ...body }),
    },
  ),
  'POST /api/bindings/:namespace/:name/terms': route('POST /api/bindings/:namespace/:name/terms', {
    body: termsSchema,
    handle: ({ ctx, params, body }) => offerTerms(ctx, { ...params, ...body }),
  }),
  'POST /api/bindings/:namespace/:name/withdraw': route(
    'POST /api/bindings/:namespace/:name/withdraw',
    { handle: ({ ctx, params }) => withdrawChange(ctx, params) },
  ),
  'POST /api/bindings/:namespace/:name/ring': route('POST /api/bindings/:namespace/:name/ring', {
    body: moveRingSchema,
    handle: ({ ctx, params, body }) => moveRing(ctx, { ...params, ...body }),
  }),
  'POST /api/bindings/:namespace/:name/release': route(
    'POST /api/bindings/:namespace/:name/release',
    {
      body: commentSchema,
      handle: ({ ctx, params, body }) => releaseBinding(ctx, { ...params, ...body }),
    },
  ),
  'POST /api/bindings/:namespace/:name/revoke': route(
    'POST /api/bindings/:namespace/:name/revoke',
    {
      body: commentSchema,
      handle: ({ ctx, params, body }) => revokeBinding(ctx, { ...params, ...body }),
    },
  ),
  'POST /api/bindings/:namespace/:name/retry': route('POST /api/bindings/:namespace/:name/retry', {
    handle: ({ ctx, params }) => retryBinding(ctx, params),
  }),
  'POST /api/bindings/:namespace/:name/test': route('POST /api/bindings/:namespace/:name/test', {
    handle: ({ ctx, params, state }) => checkConnection(ctx, params, state.gateway),
  }),
}
