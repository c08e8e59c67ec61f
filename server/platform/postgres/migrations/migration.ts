/** One step of the schema. Never changed after it was released: the next step corrects it. */
export type Migration = { id: number; name: string; sql: string }
