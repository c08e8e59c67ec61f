'use client'
import { useTranslations } from 'next-intl'
import { PageHeader } from '#components/ui/page-header.tsx'

const items = [
  'sealed',
  'terms',
  'receipt',
  'drift',
  'alias',
  'tekton',
  'retries',
  'slices',
  'rings',
  'audit',
  'cosign',
  'logs',
] as const

/** Where the founding document was wrong or has aged, and what we do instead. */
export function ChangesPage() {
  const t = useTranslations('changes')
  return (
    <article className="max-w-[70ch]">
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="grid gap-7">
        {items.map((item) => (
          <section key={item} id={item} className="scroll-mt-16">
            <h2 className="mb-1 text-lg font-semibold">{t(`items.${item}.title`)}</h2>
            <p>{t(`items.${item}.text`)}</p>
          </section>
        ))}
      </div>
    </article>
  )
}
