import { expect } from '@playwright/test'
import { cluster, killPods, list, webPid } from './cluster.ts'

export const serving = 'model-serving-prod'
const engine = 'app.kubernetes.io/name=vibethinker-app'

/** Kills it as a node that goes away does; its Deployment makes another. */
export async function killEngine(): Promise<void> {
  await killPods(serving, engine)
}

/** Kills the web without a word; whoever started it starts it again. */
export function killWeb(): void {
  process.kill(webPid(), 'SIGKILL')
}

/** Sets how many engines there should be, and with none waits until there is none. */
export async function scaleEngine(replicas: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${serving}/deployments/vibethinker-app`
  await cluster(path, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas } },
  })
  if (replicas > 0) return
  const query = new URLSearchParams({ labelSelector: engine })
  await expect.poll(() => list(`/api/v1/namespaces/${serving}/pods?${query}`)).toEqual([])
}

/** Starts a run that counts to `lines` at some fifty lines a second; answers its name. */
export async function countingRun(lines: number): Promise<string> {
  return scriptRun(`#!/bin/sh
i=0
while [ $i -lt ${lines} ]; do echo "line $i of ${lines}"; i=$((i+1)); sleep 0.02; done
`)
}

/** Starts a run of one step, `count`, that is this script; answers its name. */
export function scriptRun(script: string): Promise<string> {
  return startSteps([{ name: 'count', script }])
}

/** Starts a run of these steps, one after the other, with what runs beside them; answers its name. */
export async function startSteps(
  steps: { name: string; script: string }[],
  sidecars: { name: string; script: string }[] = [],
): Promise<string> {
  const withImage = (one: object) => ({ ...one, image: 'localhost/busybox:1' })
  const { body } = await cluster(`/apis/tekton.dev/v1/namespaces/${serving}/taskruns`, {
    method: 'POST',
    body: {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { generateName: 'count-' },
      spec: {
        taskSpec: { steps: steps.map(withImage), sidecars: sidecars.map(withImage) },
      },
    },
  })
  return (body as { metadata: { name: string } }).metadata.name
}

/** Starts the engine anew as the catalogue's Task does, tried once; answers its name. */
export async function startEngine(imageTag: string): Promise<string> {
  const { body } = await cluster(`/apis/tekton.dev/v1/namespaces/${serving}/taskruns`, {
    method: 'POST',
    body: {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { generateName: 'start-' },
      spec: {
        taskRef: { name: 'start-vibethinker-service' },
        serviceAccountName: 'bindery-deployer',
        params: [{ name: 'imageTag', value: imageTag }],
        workspaces: [{ name: 'shared-data', emptyDir: {} }],
      },
    },
  })
  return (body as { metadata: { name: string } }).metadata.name
}
