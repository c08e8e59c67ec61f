import { inject } from 'vitest'
import type {} from './start-test-postgres.ts'

/** For tests: the URL of a database that is new and empty, in the run's one PostgreSQL. */
export async function databaseUrl(): Promise<string> {
  const response = await fetch(inject('databasesUrl'))
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
