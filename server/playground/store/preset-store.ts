import type pg from 'pg'
import type { SamplingChoice } from '#server/platform/inference/model/sampling-schema.ts'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import type {
  PresetContent,
  PresetHistoryView,
  PresetVersionView,
  PresetView,
} from '#server/playground/views/preset-views.ts'

/** A person's presets. Whatever is not theirs is not there. */
export type PresetStore = {
  listPresets(owner: string): Promise<PresetView[]>
  /** With its versions, the newest first. */
  findPreset(id: string, owner: string): Promise<PresetHistoryView | undefined>
  createPreset(id: string, owner: string, content: PresetContent): Promise<PresetView>
  /** Undefined where the newest version is not `after`. */
  addPresetVersion(
    id: string,
    owner: string,
    next: { after: number; content: PresetContent; restored?: number },
  ): Promise<PresetView | undefined>
  deletePreset(id: string, owner: string): Promise<void>
}

/** Old ones go where somebody edits more often than that. */
const versionsMax = 100

type Row = {
  id: string
  made: Date
  version: number
  title: string
  description: string
  system_prompt: string
  sampling: SamplingChoice
  restored: number | null
  created_at: Date
}

const columns =
  'p.id, p.created_at as made, v.version, v.title, v.description, v.system_prompt, v.sampling, v.restored, v.created_at'

const newestSql = `
  select distinct on (p.id) ${columns} from presets p join preset_versions v on v.preset_id = p.id
  where p.owner = $1 order by p.id, v.version desc`

const versionsSql = `
  select ${columns} from presets p join preset_versions v on v.preset_id = p.id
  where p.id = $1 and p.owner = $2 order by v.version desc`

const createSql = `
  with made as (insert into presets (id, owner) values ($1, $2) returning id)
  insert into preset_versions (preset_id, version, title, description, system_prompt, sampling)
  select id, 1, $3, $4, $5, $6 from made`

// Two that edit the same version at once meet in the primary key: one of them is told.
const nextSql = `
  with dropped as (
    delete from preset_versions v using presets p
    where v.preset_id = p.id and p.id = $1 and p.owner = $2 and v.version <= $3 - ${versionsMax - 1}
  )
  insert into preset_versions (preset_id, version, title, description, system_prompt, sampling, restored)
  select p.id, $3 + 1, $4, $5, $6, $7, $8 from presets p
  where p.id = $1 and p.owner = $2
    and $3 = (select max(version) from preset_versions where preset_id = p.id)
  on conflict do nothing returning version`

export function presetStore(pool: pg.Pool): PresetStore {
  async function rowsOf(sql: string, values: unknown[]): Promise<Row[]> {
    return (await pool.query<Row>(sql, values)).rows
  }

  async function found(id: string, owner: string): Promise<PresetHistoryView | undefined> {
    const rows = await rowsOf(versionsSql, [id, owner])
    const [newest] = rows
    return newest && { ...viewOf(newest), versions: rows.map(versionOf) }
  }

  async function newest(id: string, owner: string): Promise<PresetView | undefined> {
    const [row] = await rowsOf(`${versionsSql} limit 1`, [id, owner])
    return row && viewOf(row)
  }

  return {
    listPresets: (owner) =>
      translated(async () => {
        const views = (await rowsOf(newestSql, [owner])).map(viewOf)
        return views.sort((a, b) => a.title.localeCompare(b.title))
      }),

    findPreset: (id, owner) => translated(() => found(id, owner)),

    createPreset: (id, owner, content) =>
      translated(async () => {
        await pool.query(createSql, [id, owner, ...valuesOf(content)])
        const created = await newest(id, owner)
        if (!created) throw new Error('What was just inserted is not there.')
        return created
      }),

    addPresetVersion: (id, owner, { after, content, restored }) =>
      translated(async () => {
        const values = [id, owner, after, ...valuesOf(content), restored ?? null]
        const { rowCount } = await pool.query(nextSql, values)
        return rowCount ? newest(id, owner) : undefined
      }),

    deletePreset: (id, owner) =>
      translated(async () => {
        await pool.query('delete from presets where id = $1 and owner = $2', [id, owner])
      }),
  }
}

function valuesOf({ title, description, systemPrompt, sampling }: PresetContent): unknown[] {
  return [title, description, systemPrompt, JSON.stringify(sampling)]
}

function contentOf({ title, description, system_prompt, sampling }: Row): PresetContent {
  return { title, description, systemPrompt: system_prompt, sampling }
}

function viewOf(row: Row): PresetView {
  return {
    id: row.id,
    version: row.version,
    createdAt: row.made.toISOString(),
    updatedAt: row.created_at.toISOString(),
    ...contentOf(row),
  }
}

function versionOf(row: Row): PresetVersionView {
  return {
    version: row.version,
    at: row.created_at.toISOString(),
    ...(row.restored === null ? {} : { restored: row.restored }),
    ...contentOf(row),
  }
}
