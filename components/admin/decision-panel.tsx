'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useMemo, useRef, useState } from 'react'
import { decideBinding } from '#components/access/mutations.ts'
import { meQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { WordsField } from '#components/ui/words-field.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { OfferTerms } from './offer-terms.tsx'
import { useConsequence } from './use-consequence.ts'
import { useShortcuts } from './use-shortcuts.ts'

type Verdict = 'approve' | 'deny'

/**
 * Approve or deny what is sealed. The digest that goes back is the one that was on this screen when the decision was
 * begun: where the plan changes meanwhile, the server refuses and the comment stays.
 */
export function DecisionPanel({ binding, keys = false }: { binding: BindingView; keys?: boolean }) {
  const t = useTranslations('approvals.decide')
  const consequenceOf = useConsequence()
  const { data: me } = useQuery(meQuery())
  const [comment, setComment] = useState('')
  const [reviewed, setReviewed] = useState<string>()
  // The digest that was sealed when other terms were offered: the plan with them is still to come.
  const [offered, setOffered] = useState<string>()
  const [asking, setAsking] = useState<Verdict>()
  const [unsaid, setUnsaid] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const decide = useMutation({
    ...decideBinding(binding.namespace, binding.name),
    onSuccess: () => setComment(''),
    onSettled: () => setAsking(undefined),
  })
  const mine = binding.decisions.find(
    ({ by, digest }) => by === me?.user && digest === binding.seal?.digest,
  )
  const seal = binding.can.includes('decide') && !mine ? binding.seal : undefined
  // The first plan on this screen is the one under review, until its reader takes up another.
  if (seal && reviewed === undefined) setReviewed(seal.digest)
  if (seal && offered !== undefined && offered !== seal.digest) {
    setOffered(undefined)
    setReviewed(seal.digest)
  }
  const conflicts = seal?.changes.filter(({ change }) => change === 'conflict').length ?? 0
  const changed = seal !== undefined && reviewed !== undefined && reviewed !== seal.digest
  const sealing = offered !== undefined
  const mayApprove = seal !== undefined && !changed && !sealing && conflicts === 0

  const shortcuts = useMemo(
    () => ({
      a: () => mayApprove && setAsking('approve'),
      d: () => seal && setAsking('deny'),
    }),
    [mayApprove, seal],
  )
  useShortcuts(shortcuts, keys)

  function act(decision: Verdict) {
    if (!seal) return
    // A team that is told no without a word can only guess.
    if (decision === 'deny' && comment.trim() === '') {
      setUnsaid(true)
      field.current?.focus()
      return
    }
    decide.mutate({ decision, digest: seal.digest, generation: seal.generation, comment })
  }

  const commentField = (
    <WordsField
      ref={field}
      label={t('comment')}
      hint={t('commentHint')}
      value={comment}
      error={unsaid && comment.trim() === '' ? t('unsaid') : undefined}
      onChange={setComment}
    />
  )
  if (!seal) {
    const begun = !decide.isPending && (comment !== '' || decide.error !== null)
    if (!begun) {
      const own = me?.can.approve && binding.pending && binding.requestedBy === me.user
      if (mine && binding.pending) return <Panel title={t('title')}>{t('yours')}</Panel>
      return own ? <Panel title={t('title')}>{t('own')}</Panel> : null
    }
    return (
      <Panel title={t('title')}>
        <div className="grid gap-4">
          {decide.error ? (
            <ErrorNote error={decide.error} />
          ) : (
            <p role="alert" className="rounded-lg bg-warn-soft px-3 py-2 text-warn">
              {t('overtaken')}
            </p>
          )}
          {commentField}
        </div>
      </Panel>
    )
  }

  const consequence = consequenceOf(binding)
  const busy = (verdict: Verdict) => decide.isPending && decide.variables.decision === verdict
  return (
    <Panel title={t('title')}>
      <div className="grid gap-4">
        <p>{consequence}</p>
        {sealing ? (
          <p role="status" className="rounded-lg bg-accent-soft px-3 py-2 text-accent-strong">
            {t('sealing')}
          </p>
        ) : changed ? (
          <div role="alert" className="grid gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
            <p>{t('changed')}</p>
            <div>
              <Button size="small" onClick={() => setReviewed(seal.digest)}>
                {t('reviewed')}
              </Button>
            </div>
          </div>
        ) : null}
        {conflicts > 0 ? (
          <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
            {t('conflicts', { count: conflicts })}
          </p>
        ) : null}
        {asking ? null : commentField}
        {decide.error ? <ErrorNote error={decide.error} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button
            look="primary"
            aria-keyshortcuts={keys ? 'a' : undefined}
            busy={busy('approve')}
            disabled={!mayApprove}
            onClick={() => act('approve')}
          >
            {t('approve')}
          </Button>
          <Button
            look="danger"
            aria-keyshortcuts={keys ? 'd' : undefined}
            busy={busy('deny')}
            onClick={() => act('deny')}
          >
            {t('deny')}
          </Button>
        </div>
        {binding.can.includes('adjust') ? (
          <OfferTerms
            binding={binding}
            comment={comment}
            onSealing={(sealing) => setOffered(sealing ? seal.digest : undefined)}
          />
        ) : null}
        <ConfirmDialog
          open={asking !== undefined}
          onOpenChange={(open) => open || setAsking(undefined)}
          title={t(`confirm.${asking ?? 'approve'}`, { namespace: binding.namespace })}
          action={asking === 'deny' ? t('deny') : t('approve')}
          look={asking === 'deny' ? 'danger' : 'primary'}
          busy={decide.isPending}
          focus={field}
          onConfirm={() => asking && act(asking)}
        >
          <p>{asking === 'deny' ? t('denial') : consequence}</p>
          {asking ? commentField : null}
        </ConfirmDialog>
      </div>
    </Panel>
  )
}
