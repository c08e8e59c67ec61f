'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { auditStateQuery } from '#components/data/audit-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import { verifyChain } from './mutations.ts'

/** Whether the chain holds, how far that is known, and the head to note elsewhere. */
export function ChainState() {
  const t = useTranslations('audit.chain')
  const client = useQueryClient()
  const { data } = useQuery(auditStateQuery())
  const verify = useMutation({
    ...verifyChain(),
    onSuccess: (state) => client.setQueryData(auditStateQuery().queryKey, state),
  })
  if (!data) return null
  const { head, verified } = data
  const broken = verified?.broken
  const Icon = broken ? ShieldAlert : verified ? ShieldCheck : ShieldQuestion
  return (
    <section
      aria-label={t('label')}
      className={classes(
        'mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card px-4 py-2.5',
        broken ? 'bg-bad-soft' : 'border border-line bg-surface',
      )}
    >
      <Icon size={20} aria-hidden className={broken ? 'text-bad' : 'text-muted'} />
      <div role="status" className="min-w-0 flex-1">
        {broken ? (
          <p className="font-semibold text-bad">
            {t(`broken.${broken.kind}`, { seq: broken.seq })}
          </p>
        ) : null}
        {verified ? (
          <p className={broken ? undefined : 'font-medium'}>
            {t.rich('verified', { seq: verified.seq, at: () => <Timestamp at={verified.at} /> })}
          </p>
        ) : (
          <p className="font-medium">{t('never')}</p>
        )}
        <p className="flex flex-wrap items-center gap-x-2 text-[0.87rem] text-muted">
          <span className="font-mono break-all">
            {t('head', { seq: head.seq, hash: head.hash.slice(0, 12) })}
          </span>
          <CopyButton text={`${head.seq}:${head.hash}`} label={t('copyHead')} />
        </p>
      </div>
      <Button size="small" busy={verify.isPending} onClick={() => verify.mutate()}>
        {t('verify')}
      </Button>
      {verify.error ? (
        <div className="basis-full">
          <ErrorNote error={verify.error} />
        </div>
      ) : null}
    </section>
  )
}
