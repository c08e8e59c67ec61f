import { expect, test } from 'vitest'
import { translateFailure } from './translate-failure.ts'

const failed = (code: string) =>
  new Error('wrapped', { cause: Object.assign(new Error(), { code }) })

test.each([
  ['53100', 'unavailable', 'The disk of the database is full.'],
  ['53300', 'unavailable', 'The database does not answer.'],
  ['57P01', 'unavailable', 'The database does not answer.'],
  ['57014', 'timeout', 'The database took too long.'],
  ['42P01', 'internal', 'The database refused the request.'],
])('SQLSTATE %s is %s: %s', (sqlState, code, message) => {
  expect(translateFailure(failed(sqlState))).toMatchObject({ code, message })
})
