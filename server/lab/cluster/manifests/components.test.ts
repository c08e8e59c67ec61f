import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Draft } from '#server/lab/cluster/client.ts'
import { schemaProblems } from '#server/lab/cluster/testing/schema-problems.ts'
import { restrictedProblems } from '#server/lab/cluster/workloads/pods/pod-security.ts'

// Each component is built by the real kustomize, alone and all together, over the overlay that people copy.

const root = 'manifests/components'
const components = readdirSync(root).sort()
let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'components-'))
  cpSync('manifests', copy, { recursive: true })
  mkdirSync(join(copy, 'overlays/mine'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

function build(names: string[]): Draft[] {
  const folder = join(copy, 'overlays/mine')
  const lines = [
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    'resources: [../production]',
    `components: [${names.map((name) => `../../components/${name}`).join(', ')}]`,
  ]
  writeFileSync(join(folder, 'kustomization.yaml'), lines.join('\n'))
  const text = execFileSync('kubectl', ['kustomize', folder], {
    encoding: 'utf8',
    env: { ...process.env, HOME: tmpdir() },
  })
  const documents = parseAllDocuments(text, { merge: true })
  return Array.isArray(documents) ? documents.map((one) => one.toJS()) : []
}

const problems = (objects: Draft[]) =>
  objects.flatMap((one) =>
    schemaProblems(one).map((problem) => `${one.kind} ${one.metadata.name}: ${problem}`),
  )

describe.each(components)('%s', (name) => {
  test('builds over the production overlay, passes the strict schema check, and says what it is for', () => {
    expect(problems(build([name]))).toEqual([])
    const readme = readFileSync(join(root, name, 'README.md'), 'utf8')
      .trim()
      .split('\n')
    expect(readme).toHaveLength(3)
  })
})

test('all of them fit together', () => {
  expect(problems(build(components))).toEqual([])
})

test('on OpenShift nothing of ours asks for a fixed id, and all of it stays `restricted`', () => {
  const objects = build(['openshift'])
  expect(JSON.stringify(objects)).not.toMatch(/runAsUser|runAsGroup|fsGroup|run-as=\d/)
  const deployments = objects.filter(({ kind }) => kind === 'Deployment')
  expect(deployments).toHaveLength(3)
  for (const { spec } of deployments) expect(restrictedProblems(spec.template.spec)).toEqual([])
  expect(JSON.stringify(objects)).toContain('--run-as=cluster')
})

test('no component takes away what a container is told without it', () => {
  const toldBy = (objects: Draft[]) =>
    objects
      .filter(({ kind }) => kind === 'Deployment')
      .flatMap(({ metadata, spec }) => {
        const [{ env = [], envFrom = [] }] = spec.template.spec.containers
        return [...env, ...envFrom].map((one) => `${metadata.name} ${JSON.stringify(one)}`)
      })
  const plain = toldBy(build([]))
  expect(plain.length).toBeGreaterThan(20)
  expect(toldBy(build(components))).toEqual(expect.arrayContaining(plain))
})
