'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { decideBinding } from '#components/access/mutations.ts'
import { meQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, TextArea } from '#components/ui/field.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/domain/views.ts'

/**
 * Approve or deny what is sealed. The digest that goes back is the one that was on this screen when the decision was
 * begun: where the plan changes meanwhile, the server refuses and the comment stays.
 */
export function DecisionPanel({ binding }: { binding: BindingView }) {
  const t = useTranslations('approvals.decide')
  const { data: me } = useQuery(meQuery())
  const [comment, setComment] = useState('')
  const [reviewed, setReviewed] = useState<string>()
  const decide = useMutation({
    ...decideBinding(binding.namespace, binding.name),
    onSuccess: () => setComment(''),
  })
  const seal = binding.can.includes('decide') ? binding.seal : undefined
  // The first plan on this screen is the one under review, until its reader takes up another.
  if (seal && reviewed === undefined) setReviewed(seal.digest)

  if (!seal) {
    const begun = !decide.isPending && (comment !== '' || decide.error !== null)
    if (!begun) {
      const own = me?.can.approve && binding.pending && binding.requestedBy === me.user
      return own ? <Panel title={t('title')}>{t('own')}</Panel> : null
    }
    return (
      <Panel title={t('title')}>
        <div className="grid gap-4">
          {decide.error ? (
            <ErrorNote error={decide.error} />
          ) : (
            <p role="alert" className="rounded-lg bg-warn-soft px-3 py-2 text-warn">
              {t(binding.state === 'preparing' ? 'preparing' : 'overtaken')}
            </p>
          )}
          <CommentField value={comment} onChange={setComment} />
        </div>
      </Panel>
    )
  }
  const conflicts = seal.changes.filter(({ change }) => change === 'conflict')
  const changed = reviewed !== undefined && reviewed !== seal.digest
  const act = (decision: 'approve' | 'deny') =>
    decide.mutate({ decision, digest: seal.digest, generation: seal.generation, comment })
  const busy = decide.isPending

  return (
    <Panel title={t('title')}>
      <div className="grid gap-4">
        <p>
          {t('consequence', {
            count: seal.changes.filter(({ change }) => change !== 'unchanged').length,
            namespace: binding.namespace,
            days: binding.asked.durationDays,
          })}
        </p>
        {changed ? (
          <div role="alert" className="grid gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
            <p>{t('changed')}</p>
            <div>
              <Button size="small" onClick={() => setReviewed(seal.digest)}>
                {t('reviewed')}
              </Button>
            </div>
          </div>
        ) : null}
        {conflicts.length > 0 ? (
          <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
            {t('conflicts', { count: conflicts.length })}
          </p>
        ) : null}
        <CommentField value={comment} onChange={setComment} />
        {decide.error ? <ErrorNote error={decide.error} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button
            look="primary"
            busy={busy && decide.variables?.decision === 'approve'}
            disabled={changed || conflicts.length > 0}
            onClick={() => act('approve')}
          >
            {t('approve')}
          </Button>
          <Button
            look="danger"
            busy={busy && decide.variables?.decision === 'deny'}
            onClick={() => act('deny')}
          >
            {t('deny')}
          </Button>
        </div>
      </div>
    </Panel>
  )
}

function CommentField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const t = useTranslations('approvals.decide')
  return (
    <Field label={t('comment')} hint={t('commentHint')}>
      {(attributes) => (
        <TextArea
          {...attributes}
          maxLength={2000}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
