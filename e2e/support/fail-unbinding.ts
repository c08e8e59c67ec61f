import { expect } from '@playwright/test'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { cluster } from './cluster.ts'

const task = '/apis/tekton.dev/v1/namespaces/model-serving-prod/tasks/unbind-namespace'
const firstArgs = '/spec/steps/0/args'

/** Makes runs that take access away fail; answers how to let them succeed again. */
export async function failUnbinding(): Promise<() => Promise<void>> {
  const { body } = await cluster(task)
  const { args } = (body as { spec: { steps: { args: string[] }[] } }).spec.steps[0] ?? {}
  const set = async (value: unknown) => {
    const answer = await cluster(task, {
      method: 'PATCH',
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: firstArgs, value }],
    })
    expect(answer.status).toBe(200)
  }
  await set(['task', 'not-there'])
  return () => set(args)
}

/** Once an attempt has failed: the one after it is an hour away, as after many that failed. */
export async function expectHeldUp(path: string, attempt = 7): Promise<void> {
  const [, , namespace, name] = path.split('/')
  const object = `/apis/bindery.dev/v1alpha1/namespaces/${namespace}/modelbindings/${name}`
  await expect(async () => {
    const { metadata, status } = (await cluster(object)).body as ModelBinding
    const failure = status?.end?.failure
    // Not in the moment in which the next is about to be made.
    expect(Date.parse(failure?.nextAt ?? '')).toBeGreaterThan(Date.now() + 5_000)
    const nextAt = new Date(Date.now() + 3_600_000).toISOString()
    const { resourceVersion } = metadata
    const end = { attempt, failure: { ...failure, nextAt } }
    const answer = await cluster(`${object}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion }, status: { end } },
    })
    expect(answer.status).toBe(200)
  }).toPass()
}
