import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = 'server/platform/postgres/migrations'
/** The schema of the first version: nobody has what was before it. */
const first = 7

/** What would break the pods of the version before, which go on beside those of the new one until all are replaced. */
const taking =
  /\b(drop\s+(table|column|constraint|view|function)|rename\s+(to|column)|set\s+not\s+null|alter\s+column\s+\w+\s+(set\s+data\s+)?type|add\s+column\s+[^,;]*\bnot\s+null\b(?![^,;]*\bdefault\b))/i

test('no step since the first version takes away what the version before works with', () => {
  const later = readdirSync(folder).filter((name) => Number.parseInt(name, 10) > first)
  const problems = later.flatMap((name) => {
    const [found] = taking.exec(readFileSync(join(folder, name), 'utf8')) ?? []
    return found ? [`${name}: ${found}`] : []
  })
  expect(problems).toEqual([])
})

test('what takes something away is seen, and what adds is not', () => {
  for (const sql of [
    'alter table generations drop column usage',
    'drop table presets',
    'alter table audit rename column at to happened_at',
    'alter table audit alter column run set not null',
    'alter table audit alter column seq type text',
    'alter table audit add column place text not null',
  ])
    expect(sql).toMatch(taking)
  for (const sql of [
    'create table shares (id text primary key, owner text not null)',
    'alter table audit add column place text',
    "alter table audit add column place text not null default ''",
    'drop index generations_by_owner',
    'alter table run_log_chunks alter column data set storage external',
  ])
    expect(sql).not.toMatch(taking)
})
