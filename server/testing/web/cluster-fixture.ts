import { onTestFinished } from 'vitest'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'

type Attributes = { verb: string; resource: string; namespace?: string; name?: string }
type Asked = Attributes & { groups: string[] }

const run = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { namespace: 'model-serving-prod', name: 'bind-a', uid: 'u1', resourceVersion: '5' },
  spec: { taskRef: { name: 'bind-namespace' } },
}

/** A cluster that holds one run, lets nobody do anything but the rules, and never ends a watch. */
export async function startCluster(allow: (user: string, asked: Attributes) => boolean) {
  const reviews: Asked[] = []
  const api = await startScripted(async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path.endsWith('/subjectaccessreviews')) {
      const { spec } = JSON.parse(await bodyOf(request))
      reviews.push({ ...spec.resourceAttributes, groups: spec.groups })
      const allowed = allow(spec.user, spec.resourceAttributes)
      return sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed } })
    }
    if (request.url?.includes('watch=')) return response.writeHead(200).flushHeaders()
    if (path.endsWith('/taskruns/bind-a')) return sendJson(response, 200, run)
    if (path.endsWith('/forbidden-to-us')) {
      const message = 'User "bindery-web" cannot get what is a secret of ours'
      return sendJson(response, 403, { kind: 'Status', reason: 'Forbidden', code: 403, message })
    }
    const isList = !/\/(taskruns|modelbindings|modelservices|namespaces)\/[^/]+$/.test(path)
    if (isList) {
      return sendJson(response, 200, {
        kind: 'List',
        metadata: { resourceVersion: '9' },
        items: [],
      })
    }
    const name = path.split('/').at(-1)
    sendJson(response, 404, { kind: 'Status', message: 'not found', details: { name } })
  })
  onTestFinished(() => api.close())
  return { kubeconfig: api.kubeconfig, reviews }
}

export const nobody = () => false
