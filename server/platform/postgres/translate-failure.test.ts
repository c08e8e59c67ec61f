import { expect, test } from 'vitest'
import { isRefusedForGood, translateFailure } from './translate-failure.ts'

const failed = (code: string) =>
  new Error('wrapped', { cause: Object.assign(new Error(), { code }) })

test.each([
  ['53100', 'unavailable', 'The disk of the database is full.'],
  ['53300', 'unavailable', 'The database does not answer.'],
  ['57P01', 'unavailable', 'The database does not answer.'],
  ['57014', 'timeout', 'The database took too long.'],
  ['42P01', 'internal', 'The database refused the request.'],
  ['40P01', 'unavailable', 'The database does not answer.'],
  ['25006', 'unavailable', 'The database does not answer.'],
])('SQLSTATE %s is %s: %s', (sqlState, code, message) => {
  expect(translateFailure(failed(sqlState))).toMatchObject({ code, message })
})

test('what is refused for good is told from what may pass later', () => {
  const isRefused = (code: string) => isRefusedForGood(translateFailure(failed(code)))
  for (const code of ['22P05', '22003', '23505', '23514', '54000', '42703']) {
    expect([code, isRefused(code)]).toEqual([code, true])
  }
  for (const code of [
    '08006',
    '25006',
    '40001',
    '40P01',
    '53100',
    '55P03',
    '57014',
    '58030',
    'XX000',
  ]) {
    expect([code, isRefused(code)]).toEqual([code, false])
  }
  expect(isRefusedForGood(translateFailure(new Error('socket hang up')))).toBe(false)
})
