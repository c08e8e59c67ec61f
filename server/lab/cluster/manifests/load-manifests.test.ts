import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadManifests } from './load-manifests.ts'

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: one }
spec:
  replicas: 2
  template: { spec: { containers: [{ name: web, image: "product:1" }] } }
---
apiVersion: v1
kind: Namespace
metadata: { name: one }
`

test('an overlay renames images, patches and labels, and namespaces come first', () => {
  const folder = folderOf({
    'base/kustomization.yaml': 'resources: [all.yaml]',
    'base/all.yaml': deployment,
    'overlay/kustomization.yaml': `
resources: [../base]
labels: [{ pairs: { part: demo } }]
images: [{ name: product, newName: localhost/product, newTag: dev }]
patches:
  - path: replicas.yaml
  - target: { kind: Deployment, name: web }
    patch: '[{ "op": "add", "path": "/metadata/annotations", "value": { "a": "b" } }]'
`,
    'overlay/replicas.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 1 }',
  })
  const objects = loadManifests(join(folder, 'overlay'))
  expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'Deployment'])
  expect(objects[1]).toMatchObject({
    metadata: { labels: { part: 'demo' }, annotations: { a: 'b' } },
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ image: 'localhost/product:dev' }] } },
    },
  })
})

test('a replacement comes after the images, and may set a part of a field', () => {
  const folder = folderOf({
    'kustomization.yaml': `
resources: [all.yaml]
images: [{ name: product, newName: localhost/product, newTag: dev }]
replacements:
  - source: { kind: Deployment, name: web, fieldPath: spec.template.spec.containers.0.image }
    targets:
      - select: { kind: Namespace, name: one }
        fieldPaths: [metadata.annotations.image]
        options: { delimiter: "'", index: 1 }
`,
    'all.yaml': deployment.replace(
      'metadata: { name: one }',
      `metadata: { name: one, annotations: { image: "'product'" } }`,
    ),
  })
  const [namespace] = loadManifests(folder)
  expect(namespace?.metadata.annotations).toEqual({ image: "'localhost/product:dev'" })
})

test.each([
  ['helmCharts: []', /uses helmCharts/],
  ['resources: [gone.yaml]', /gone\.yaml does not exist/],
  ['resources: [bad.yaml]', /no Kubernetes object/],
  ['patches: [{ target: { kind: Pod }, patch: "[]" }]', /no object matches/],
  ['replacements: [{ source: { kind: Pod, name: a }, targets: [] }]', /nothing to replace with/],
])('%s is refused with a reason', (kustomization, reason) => {
  const folder = folderOf({ 'kustomization.yaml': kustomization, 'bad.yaml': 'just: text' })
  expect(() => loadManifests(folder)).toThrow(reason)
})

test('what the product ships for the embedded cluster can be loaded', () => {
  const objects = loadManifests(
    join(import.meta.dirname, '../../../../manifests/overlays/embedded'),
  )
  const images = JSON.stringify(objects).match(/"image":"[^"]+"/g)
  expect(objects.map(({ kind }) => kind)).toContain('ModelService')
  expect(images?.filter((image) => !image.includes('localhost/'))).toEqual([])
})
