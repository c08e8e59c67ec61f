import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Draft } from '#server/lab/cluster/client.ts'
import { digestOf } from '#server/lab/cluster/images/image-table.ts'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { restrictedProblems } from '#server/lab/cluster/workloads/pods/pod-security.ts'
import { bindingFinalizer } from '#server/platform/model/names.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { hasKubectl, runCommand, standIn } from './cluster-commands.ts'

// INSTALL.md, word for word: its commands are typed into the real kubectl, in its order, against the embedded cluster.

const document = readFileSync('manifests/INSTALL.md', 'utf8')
const digest = digestOf('as it was pushed')

/** The commands or files of one section, in order. */
function blocks(markdown: string, heading: string, language: 'sh' | 'yaml'): string[] {
  const section = markdown.split(/^## /m).find((one) => one.startsWith(heading)) ?? ''
  const found = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  return found.filter(([, kind]) => kind === language).map(([, , text = '']) => text)
}

/** What the Prometheus operator and Tekton bring, as far as this cluster needs to be told. */
const brought = `
apiVersion: v1
kind: Namespace
metadata: { name: tekton-pipelines }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: feature-flags, namespace: tekton-pipelines }
${['ServiceMonitor', 'PrometheusRule']
  .map(
    (kind) => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${kind.toLowerCase()}s.monitoring.coreos.com }
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: { kind: ${kind}, listKind: ${kind}List, plural: ${kind.toLowerCase()}s, singular: ${kind.toLowerCase()} }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`,
  )
  .join('')}`

describe.runIf(hasKubectl)('INSTALL.md', () => {
  let cluster: RunningCluster
  let root: string
  let mine: string

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'install-'))
    mine = join(root, 'manifests/overlays/mine')
    cluster = await startCluster({
      images: { 'registry.example.org/bindery': standIn(8081, digest) },
    })
    writeFileSync(join(root, 'kubeconfig'), cluster.kubeconfig)
    writeFileSync(join(root, 'cosign.pub'), 'what `cosign generate-key-pair` wrote')
    writeFileSync(join(root, 'brought.yaml'), brought)
    cpSync('manifests', join(root, 'manifests'), { recursive: true })
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
    await type('kubectl apply -f brought.yaml')
  })
  afterAll(async () => {
    await cluster.close()
    rmSync(root, { recursive: true, force: true })
  })

  const type = (commands: string, cwd = root) =>
    runCommand('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd,
      env: { KUBECONFIG: join(root, 'kubeconfig'), KUBECACHEDIR: join(root, 'cache') },
    })
  const filled = (text: string) => text.replaceAll('sha256:…', digest)
  const names = (resource: string) =>
    cluster.client.list(resource).map(({ metadata }) => metadata.name)

  test('leads to everything running, by images that are named by their digest, and leaves nothing', async () => {
    for (const commands of blocks(document, '2.', 'sh')) await type(commands)
    const readme = readFileSync('manifests/README.md', 'utf8')
    for (const commands of blocks(readme, 'What you make yourself', 'sh')) await type(commands)

    const [copy = '', apply = ''] = blocks(document, '3.', 'sh')
    await type(copy)
    const [additions = '', taskImages = ''] = blocks(document, '3.', 'yaml')
    const kustomization = join(mine, 'kustomization.yaml')
    writeFileSync(kustomization, `${readFileSync(kustomization, 'utf8')}${filled(additions)}`)
    writeFileSync(join(mine, 'task-images.yaml'), taskImages)
    const rendered = parseAllDocuments(await type('kubectl kustomize .', mine), { merge: true })
    const objects = rendered.map((one) => one.toJS() as Draft)
    const images = objects.flatMap(imagesOf)
    expect(new Set(images.map((image) => image.replace(/@.*/, '')))).toEqual(
      new Set(['bindery', 'cosign', 'vllm-openai'].map((name) => `registry.example.org/${name}`)),
    )
    for (const image of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/)

    await type(apply, mine)
    for (const { metadata, spec } of cluster.client.list('deployments.apps')) {
      await type(`kubectl -n ${metadata.namespace} rollout status deployment/${metadata.name}`)
      expect(restrictedProblems(spec.template.spec), metadata.name).toEqual([])
    }
    const binding = blocks(document, '5.', 'sh').join('')
    await type(`kubectl create namespace research-team-a\n${binding}`)

    const [uninstall = '', letGo = ''] = blocks(document, 'Uninstall', 'sh')
    const metadata = { namespace: 'research-team-a', name: 'held', finalizers: [bindingFinalizer] }
    cluster.client.create('modelbindings.bindery.dev', { ...sampleBinding(), metadata })
    const commands = letGo
      .replace('NAMESPACE', metadata.namespace)
      .replace('modelbinding NAME', `modelbinding ${metadata.name}`)
    const [, patch = ''] = commands.split('\n')
    expect(await type(`! ${patch}`)).toContain('removed by the controller')
    await type(commands)
    expect(await type(uninstall, mine)).toMatch(
      /RoleBinding +research-team-a +bindery +bindery-tenant/,
    )
    const left = ['namespaces', 'clusterroles.rbac.authorization.k8s.io']
      .concat('clusterrolebindings.rbac.authorization.k8s.io')
      .concat('customresourcedefinitions.apiextensions.k8s.io')
      .concat('validatingadmissionpolicies.admissionregistration.k8s.io')
      .concat('validatingadmissionpolicybindings.admissionregistration.k8s.io')
      .flatMap(names)
    expect(left.filter((name) => /bindery|model-serving/.test(name))).toEqual([])
  }, 300_000)
})

/** Wherever an image is named that the cluster will run. */
function imagesOf({ kind, metadata, spec, data }: Draft): string[] {
  if (kind === 'ConfigMap' && metadata.name === 'bindery-probe') return [data.image]
  if (kind === 'ValidatingAdmissionPolicy' && metadata.name === 'bindery-probe')
    return [spec.variables[0].expression.replaceAll("'", '')]
  if (kind === 'Task') return spec.steps.map(({ image }: { image: string }) => image)
  const pod = spec?.template?.spec
  return pod ? pod.containers.map(({ image }: { image: string }) => image) : []
}
