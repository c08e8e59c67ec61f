import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { rightsTable } from './rights-table.ts'

test('the table of rights in the manifests is what their roles say', async () => {
  // After a change of a role: npx vitest run --root . --config server/vitest.config.ts rights-table -u
  await expect(rightsTable('manifests/rbac')).toMatchFileSnapshot(resolve('manifests/RIGHTS.md'))
})

test('every right says why it is there', () => {
  const rows = rightsTable('manifests/rbac')
    .split('\n')
    .filter(
      (line) => line.startsWith('| ') && !line.startsWith('| who') && !line.startsWith('|---'),
    )
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([])
})
