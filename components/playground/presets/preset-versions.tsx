'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { presetQuery } from '#components/data/preset-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { PresetVersionView, PresetView } from '#server/playground/views/preset-views.ts'
import { deletePreset, restorePreset } from './preset-mutations.ts'

/** All versions of a preset, each as it was; an earlier one can be made the newest, and all of it deleted. */
export function PresetDialog({
  preset,
  onClose,
  onChanged,
  onDeleted,
}: {
  preset: PresetView
  onClose: () => void
  onChanged: () => void
  onDeleted: () => void
}) {
  const t = useTranslations('presets')
  const history = useQuery(presetQuery(preset.id))
  const restore = useMutation({ ...restorePreset(preset.id), onSuccess: onChanged })
  const remove = useMutation({ ...deletePreset(preset.id), onSuccess: onDeleted })
  const error = history.error ?? restore.error ?? remove.error
  return (
    <Dialog title={preset.title} onClose={onClose}>
      {preset.description ? <p className="text-muted">{preset.description}</p> : null}
      {error ? <ErrorNote error={error} /> : null}
      {history.data ? (
        <ol className="grid gap-2">
          {history.data.versions.map((version, index) => (
            <Version
              key={version.version}
              version={version}
              newest={index === 0}
              busy={restore.isPending}
              onRestore={() => restore.mutate(version.version)}
            />
          ))}
        </ol>
      ) : history.error ? null : (
        <Skeleton rows={3} label={t('loading')} />
      )}
      <div>
        <ConfirmDialog
          trigger={
            <Button size="small" look="danger">
              {t('delete')}
            </Button>
          }
          title={t('deleteTitle', { title: preset.title })}
          action={t('delete')}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
        >
          <p>{t('deleteText', { count: preset.version })}</p>
        </ConfirmDialog>
      </div>
    </Dialog>
  )
}

function Version({
  version,
  newest,
  busy,
  onRestore,
}: {
  version: PresetVersionView
  newest: boolean
  busy: boolean
  onRestore: () => void
}) {
  const t = useTranslations('presets')
  const { temperature, topP, topK, maxTokens } = version.sampling
  return (
    <li className="grid gap-1 rounded-lg border border-line px-3 py-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">
          {t('version', { version: version.version })}
          {version.restored ? ` · ${t('restored', { version: version.restored })}` : null}
        </span>
        <span className="text-[0.87rem] text-muted">
          <Timestamp at={version.at} />
        </span>
      </div>
      <p className="break-words whitespace-pre-wrap">{version.systemPrompt || t('noRole')}</p>
      <p className="text-[0.87rem] text-muted tabular-nums">
        {t('sampling', { temperature, topP, topK, maxTokens })}
      </p>
      {newest ? (
        <p className="text-[0.87rem] text-muted">{t('newest')}</p>
      ) : (
        <div>
          <Button size="small" busy={busy} onClick={onRestore}>
            {t('restore', { version: version.version })}
          </Button>
        </div>
      )}
    </li>
  )
}
