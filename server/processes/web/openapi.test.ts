import { expect, test } from 'vitest'
import { routeKeys } from '#server/api-routes.ts'
import { nobody, startCluster } from '#server/testing/web/cluster-fixture.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

test('the OpenAPI document holds every route with its access and what it takes', async () => {
  const web = await startWeb(await startCluster(nobody))
  const document = await (await fetch(`${web.url}/api/openapi.json`)).json()
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item as object))
  expect(operations).toHaveLength(routeKeys.length)
  expect(operations.every((operation) => typeof operation['x-access'] === 'string')).toBe(true)
  const decide = document.paths['/api/bindings/{namespace}/{name}/decision'].post
  expect(decide['x-access']).toMatch(/^approve modelbindings/)
  expect(decide.parameters.map(({ name }: { name: string }) => name)).toEqual(['namespace', 'name'])
  const { schema } = decide.requestBody.content['application/json']
  expect(schema.required).toEqual(expect.arrayContaining(['decision', 'digest', 'generation']))
  expect(schema.properties.digest.pattern).toContain('sha256')
})
