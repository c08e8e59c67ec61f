import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { schemaProblems } from '#server/lab/cluster/testing/schema-problems.ts'
import { loadManifests } from './load-manifests.ts'

// The embedded cluster forgives what `kubectl apply` of a real one warns about or refuses: here nothing is forgiven.

const folders = readdirSync('manifests', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('kustomization.yaml'))
  // Components change what others bring: components.test.ts builds them with it.
  .filter((path) => !path.startsWith('components/'))
  .map((path) => join('manifests', dirname(path)))
  .sort()

describe.each(folders)('%s', (folder) => {
  test('holds only what the API server knows', () => {
    const problems = loadManifests(folder).flatMap((object) =>
      schemaProblems(object).map((one) => `${object.kind} ${object.metadata.name}: ${one}`),
    )
    expect(problems).toEqual([])
  })
})

test('the examples are what the API server knows', () => {
  const all = readdirSync('manifests/examples', { recursive: true, encoding: 'utf8' })
  const files = all.filter((name) => name.endsWith('.yaml'))
  const objects = files.flatMap((name) => loadManifests(join('manifests/examples', name)))
  expect(objects.length).toBeGreaterThan(0)
  expect(objects.flatMap(schemaProblems)).toEqual([])
})

test('a field that is not known is named, however deep', () => {
  const [deployment] = loadManifests('manifests/deploy').filter(({ kind }) => kind === 'Deployment')
  if (!deployment) throw new Error('There is no Deployment.')
  deployment.spec.template.spec.containers[0].readinessProbe.httpget = {}
  expect(schemaProblems(deployment).join()).toContain('readinessProbe.httpget is not known')
})
