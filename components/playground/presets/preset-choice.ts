import type { SamplingChoice } from '#server/platform/inference/model/sampling-schema.ts'
import type { PresetView } from '#server/playground/views/preset-views.ts'
import type { Preset } from '#server/serving/model/model-service.ts'

/** A preset that can be chosen: one of the model service, or one of the person's own. */
export type PresetChoice = {
  /** As it stands in the address: the service's name for it, or `own:` and its id. */
  id: string
  title: string
  description: string
  systemPrompt: string
  sampling: SamplingChoice
  own?: PresetView
}

/** The service's first, in its order: the founding sentence leads. */
export function presetChoices(presets: Preset[], own: PresetView[]): PresetChoice[] {
  return [
    ...presets.map(({ name, ...rest }) => ({ id: name, ...rest })),
    ...own.map((view) => ({
      id: `own:${view.id}`,
      title: view.title,
      description: view.description,
      systemPrompt: view.systemPrompt,
      sampling: view.sampling,
      own: view,
    })),
  ]
}

/** What an answer remembers of it: the service's name, or what the person calls it. */
export function presetLabel(preset: PresetChoice | undefined): string | undefined {
  return preset?.own ? preset.title : preset?.id
}
