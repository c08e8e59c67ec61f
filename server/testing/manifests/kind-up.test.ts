import { createPublicKey } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { people } from '#server/lab/demo/people.ts'
import { hasKubectl, runCommand, standIn } from './cluster-commands.ts'

// kubectl and its kustomize are the real ones, and what they ask is answered by the embedded cluster. docker and kind are
// stand-ins that keep the order in which things have to be done: no image is loaded that was not built.

const overlay = 'manifests/overlays/kind'
const ours = ['bindery-system', 'model-serving-prod']

const stands = {
  docker: `
    [ "$1" = build ] || { echo "unknown command: $*" >&2; exit 1; }
    while [ $# -gt 0 ]; do
      case "$1" in -t) echo "$2" >> "$STAND_INS/built" ;; -f) [ -f "$2" ] || exit 1 ;; esac
      shift
    done`,
  kind: `
    case "$1 $2" in
      'get clusters') cat "$STAND_INS/clusters" 2>/dev/null || echo 'No kind clusters found.' >&2 ;;
      'create cluster') echo bindery > "$STAND_INS/clusters"; cp "$STAND_INS/kubeconfig" "$KUBECONFIG" ;;
      'load docker-image')
        shift 4
        for image; do
          grep -qx "$image" "$STAND_INS/built" || { echo "image: \\"$image\\" not present locally" >&2; exit 1; }
        done ;;
      *) echo "unknown command: $*" >&2; exit 1 ;;
    esac`,
}

/** As little of Tekton's release as the script touches: what it is for, the embedded cluster does by itself. */
const tektonRelease = `
apiVersion: v1
kind: Namespace
metadata: { name: tekton-pipelines }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: feature-flags, namespace: tekton-pipelines }
data: { set-security-context: "false" }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: tekton-pipelines-controller, namespace: tekton-pipelines }
spec:
  selector: { matchLabels: { app: controller } }
  template:
    metadata: { labels: { app: controller } }
    spec: { containers: [{ name: controller, image: "localhost/busybox:1", command: [sleep, "3600"] }] }
`

const images: ImageTable = {
  'localhost/bindery:dev': standIn(8081),
  'localhost/bindery-demo-engine:dev': standIn(8000),
}

describe.runIf(hasKubectl)('up.sh', () => {
  let cluster: RunningCluster
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kind-up-'))
    for (const [name, script] of Object.entries(stands)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
      chmodSync(join(folder, name), 0o755)
    }
    writeFileSync(join(folder, 'release.yaml'), tektonRelease)
    cluster = await startCluster({ images })
    // As kind names its contexts.
    writeFileSync(
      join(folder, 'kubeconfig'),
      cluster.kubeconfig.replaceAll(/\bbindery\b/g, 'kind-bindery'),
    )
  })
  afterAll(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const run = (command: string, ...args: string[]) =>
    runCommand(command, args, {
      env: {
        PATH: `${folder}${delimiter}${process.env.PATH}`,
        KUBECONFIG: join(folder, 'config'),
        KUBECACHEDIR: join(folder, 'cache'),
        STAND_INS: folder,
        TEKTON_RELEASE: join(folder, 'release.yaml'),
      },
    })
  const up = () => run('bash', join(overlay, 'up.sh'))

  function find(resource: string, namespace: string | undefined, name: string): KubeObject {
    const found = cluster.client.find(resource, namespace, name)
    if (!found) throw new Error(`There is no ${resource} ${name}.`)
    return found
  }
  const secret = (namespace: string, name: string, key: string) =>
    Buffer.from(find('secrets', namespace, name).data[key], 'base64').toString('utf8')
  const secrets = () => ({
    password: secret('bindery-data', 'postgres', 'password'),
    databases: ours.map((namespace) => secret(namespace, 'bindery-database', 'DATABASE_URL')),
    sessions: secret('bindery-system', 'bindery-web', 'NEXTAUTH_SECRET'),
    receipts: secret('model-serving-prod', 'bindery-receipt-key', 'ed25519.pem'),
  })

  function expectStanding(): void {
    const flags = find('configmaps', 'tekton-pipelines', 'feature-flags')
    expect(flags.data).toEqual({ 'set-security-context': 'true' })
    for (const namespace of ours) {
      const { metadata } = find('namespaces', undefined, namespace)
      expect(metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted')
      const deployments = cluster.client.list('deployments.apps', { namespace })
      expect(deployments).toHaveLength(2)
      for (const { metadata, spec, status } of deployments) {
        expect([metadata.name, status.availableReplicas]).toEqual([metadata.name, spec.replicas])
        expect(Object.keys(images)).toContain(spec.template.spec.containers[0].image)
      }
    }
  }

  test('leads from nothing to everything running, and puts it back when run again', async () => {
    expect(await up()).toContain('Bindery is at http://localhost:3000')
    expectStanding()
    const made = secrets()
    const url = `postgres://bindery:${made.password}@postgres.bindery-data.svc:5432/bindery`
    expect(made.databases).toEqual([url, url])
    expect(made.sessions.length).toBeGreaterThanOrEqual(32)
    expect(JSON.parse(secret('bindery-system', 'bindery-web', 'DEMO_PEOPLE'))).toEqual(people)
    const published = find('configmaps', 'model-serving-prod', 'bindery-receipt-keys').data
    expect(spki(made.receipts)).toEqual(spki(published['current.pem']))

    const engine = 'deployment/vibethinker-app'
    await run('kubectl', '-n', 'model-serving-prod', 'set', 'image', engine, 'engine=elsewhere:1')
    await up()
    expectStanding()
    expect(secrets()).toEqual(made)
  }, 300_000)

  test('what it opens is the address that people are told', () => {
    const { kind, apiVersion, nodes } = parse(readFileSync(join(overlay, 'cluster.yaml'), 'utf8'))
    expect([kind, apiVersion]).toEqual(['Cluster', 'kind.x-k8s.io/v1alpha4'])
    const [{ containerPort, hostPort }] = nodes[0].extraPortMappings
    const { spec } = find('services', 'bindery-system', 'bindery-web-local')
    expect(spec.ports[0].nodePort).toBe(containerPort)
    const address = new URL(secret('bindery-system', 'bindery-web', 'NEXTAUTH_URL'))
    expect(address.port).toBe(String(hostPort))
  })
})

const spki = (pem: string) => createPublicKey(pem).export({ type: 'spki', format: 'pem' })
