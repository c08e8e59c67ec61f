import { drizzle } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { conversations, generationEvents, generations, questions, usage } from './schema.ts'
import { translateFailure } from './translate-failure.ts'

export type Database = ReturnType<typeof databaseOver>

export function databaseOver(pool: pg.Pool) {
  return drizzle(pool, {
    schema: { usage, conversations, questions, generations, generationEvents },
  })
}

/** Runs a piece of work on the database; what goes wrong comes out as an AppError. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateFailure(error)
  }
}
