import { z } from 'zod'
import type { Config } from '#server/platform/config.ts'
import type { PersonView } from './views/sign-in.ts'

const personSchema = z.object({
  id: z
    .string()
    .min(1)
    .regex(/^[^:]+$/),
  name: z.string().min(1),
  role: z.enum(['researcher', 'lecturer', 'admin']),
  groups: z.array(z.string()).default([]),
})

export type DemoPerson = z.infer<typeof personSchema>

/** The people that one may sign in as by choosing them; nobody where DEMO_PEOPLE is not set. */
export function demoPeople({ DEMO_PEOPLE }: Pick<Config, 'DEMO_PEOPLE'>): DemoPerson[] {
  if (!DEMO_PEOPLE) return []
  return z.array(personSchema).parse(JSON.parse(DEMO_PEOPLE))
}

export function personViewOf({ id, name, role, groups }: DemoPerson): PersonView {
  return { id, name, role, group: groups[0] ?? '' }
}
