'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { presetsQuery } from '#components/data/preset-queries.ts'
import {
  type AskDraft,
  draftOf,
  samplingOf,
  samplingProblems,
} from '#components/playground/composer/ask-draft.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { PresetView } from '#server/playground/views/preset-views.ts'
import type { PresetChoice } from './preset-choice.ts'
import { changePreset } from './preset-mutations.ts'

const NewPresetDialog = dynamic(() => import('./preset-new.tsx').then((m) => m.NewPresetDialog))
const PresetDialog = dynamic(() => import('./preset-versions.tsx').then((m) => m.PresetDialog))

/** What can be kept of how a question is asked: as a preset of one's own, or as the next version of the one chosen. */
export function PresetActions({
  preset,
  draft,
  contextTokens,
  onChosen,
}: {
  preset?: PresetChoice
  draft: AskDraft
  contextTokens: number
  onChosen: (id: string | undefined) => void
}) {
  const t = useTranslations('presets')
  const client = useQueryClient()
  const [open, setOpen] = useState<'new' | 'versions'>()
  const refresh = () => client.invalidateQueries({ queryKey: presetsQuery().queryKey })
  const save = useMutation({ ...changePreset(preset?.own?.id ?? ''), onSuccess: refresh })
  const own = preset?.own
  const content = { systemPrompt: draft.systemPrompt.trim(), sampling: samplingOf(draft) }
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(preset))
  const sound = samplingProblems(draft, contextTokens).length === 0

  async function onCreated(created: PresetView) {
    await refresh()
    setOpen(undefined)
    onChosen(`own:${created.id}`)
  }

  return (
    <div className="flex flex-wrap items-center gap-2">
      {own && changed ? (
        <Button
          size="small"
          disabled={!sound}
          busy={save.isPending}
          onClick={() => {
            const { title, description, version } = own
            save.mutate({ title, description, version, ...content })
          }}
        >
          {t('save', { version: own.version + 1 })}
        </Button>
      ) : null}
      <Button size="small" look="quiet" disabled={!sound} onClick={() => setOpen('new')}>
        {t('keep')}
      </Button>
      {own ? (
        <Button size="small" look="quiet" onClick={() => setOpen('versions')}>
          {t('versions', { version: own.version })}
        </Button>
      ) : null}
      {save.error ? <ErrorNote error={save.error} /> : null}
      {open === 'new' ? (
        <NewPresetDialog
          content={content}
          onClose={() => setOpen(undefined)}
          onCreated={onCreated}
        />
      ) : null}
      {open === 'versions' && own ? (
        <PresetDialog
          preset={own}
          onClose={() => setOpen(undefined)}
          onChanged={refresh}
          onDeleted={async () => {
            onChosen(undefined)
            setOpen(undefined)
            await refresh()
          }}
        />
      ) : null}
    </div>
  )
}
