'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { CodeText } from '#components/ui/code-text.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import type { AuditRecord } from '#server/audit/model/audit-record.ts'

/** One record, whole: what is hashed, and the two hashes that hold it in its place. */
export function AuditRecordDialog({
  record,
  onClose,
}: {
  record: AuditRecord
  onClose: () => void
}) {
  const t = useTranslations('audit')
  const { seq, previous, hash, content } = record
  const { binding, on } = content
  return (
    <Dialog title={`#${seq} · ${t(`what.${content.what}`)}`} onClose={onClose}>
      <Facts>
        <Fact name={t('column.who')}>{content.who}</Fact>
        <Fact name={t('column.at')}>
          <span className="font-mono text-[0.93rem]">{content.at}</span>
        </Fact>
        {content.why ? <Fact name={t('column.why')}>{content.why}</Fact> : null}
        {binding?.name ? (
          <Fact name={t('column.binding')}>
            <Link
              href={`/bindings/${binding.namespace}/${binding.name}`}
              className="font-mono text-[0.93rem] text-accent hover:underline"
            >
              {binding.namespace}/{binding.name}
            </Link>
          </Fact>
        ) : null}
        {on.kind === 'TaskRun' ? (
          <Fact name={t('column.run')}>
            <Link
              href={`/runs/${on.namespace}/${on.name}`}
              className="font-mono text-[0.93rem] break-all text-accent hover:underline"
            >
              {on.name}
            </Link>
          </Fact>
        ) : null}
        <Fact name={t('column.previous')}>
          <span className="font-mono text-[0.82rem] break-all">{previous}</span>
        </Fact>
        <Fact name={t('column.hash')}>
          <span className="font-mono text-[0.82rem] break-all">{hash}</span>
        </Fact>
      </Facts>
      <CodeText label={t('json')} text={JSON.stringify(content, undefined, 2)} />
    </Dialog>
  )
}
