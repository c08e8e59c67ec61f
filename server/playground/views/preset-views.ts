import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import {
  type SamplingChoice,
  samplingSchema,
} from '#server/platform/inference/model/sampling-schema.ts'

/** What a preset says: the same for those of a person and, without `seed` and the like, those of a model service. */
export type PresetContent = {
  title: string
  description: string
  /** Empty: no system message is sent. */
  systemPrompt: string
  sampling: SamplingChoice
}

/** A person's own preset as it is now. */
export type PresetView = PresetContent & {
  id: string
  version: number
  createdAt: string
  updatedAt: string
}

/** A version is never changed: an edit and a restored version are new ones. */
export type PresetVersionView = PresetContent & {
  version: number
  at: string
  /** The earlier version that this one says again. */
  restored?: number
}

export type PresetHistoryView = PresetView & { versions: PresetVersionView[] }

const text = (max: number) =>
  z
    .string()
    .max(max)
    .transform((value) => value.replaceAll('\0', '\ufffd').replaceAll(loneSurrogates, '\ufffd'))

/** PostgreSQL stores neither these nor NUL. */
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const content = {
  title: text(80).refine((title) => title.trim() !== '', 'must not be empty'),
  description: text(500),
  systemPrompt: text(8000),
  sampling: samplingSchema,
}

export const presetSchema = z.strictObject(content)
/** `version` is the one that was edited: a newer one is not written over unread. */
export const presetChangeSchema = z.strictObject({ ...content, version: z.int().min(1) })
export const presetRestoreSchema = z.strictObject({ version: z.int().min(1) })
