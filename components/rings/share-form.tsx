'use client'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Field, TextInput } from '#components/ui/field.tsx'
import type { ServiceRingsView } from '#server/serving/views/ring-views.ts'
import { MoveDialog } from './move-dialog.tsx'

/** So many percent of the tenants on the canary ring; which ones follows from their names. */
export function ShareForm({ service }: { service: ServiceRingsView }) {
  const t = useTranslations('rings')
  const [text, setText] = useState('10')
  const percent = Number(text)
  const right = /^\d{1,3}$/.test(text) && percent <= 100
  return (
    <div className="mt-6 flex flex-wrap items-start gap-3 border-t border-line pt-4">
      <div className="max-w-[38ch]">
        <Field
          label={t('share.label')}
          hint={t('share.hint')}
          error={right ? undefined : t('share.wrong')}
        >
          {(attributes) => (
            <TextInput
              {...attributes}
              inputMode="numeric"
              value={text}
              onChange={(event) => setText(event.target.value.trim())}
            />
          )}
        </Field>
      </div>
      {/* Beside the field, below its label. */}
      <div className="sm:mt-[1.85rem]">
        <MoveDialog
          service={service}
          share={{ canaryPercent: right ? percent : 0 }}
          label={t('share.action')}
          disabled={!right}
        />
      </div>
    </div>
  )
}
