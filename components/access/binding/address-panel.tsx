'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { testBinding } from '#components/access/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { CodeText } from '#components/ui/code-text.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { curlFor, podFor } from './call-snippets.ts'

/** The address as the tenant's own pods call it, ready to be copied, and a test that really calls it. */
export function AddressPanel({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.address')
  const test = useMutation(testBinding(binding.namespace, binding.name))
  return (
    <Panel
      title={t('title')}
      actions={
        <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
          {t('test')}
        </Button>
      }
    >
      <div className="grid gap-4">
        <Facts>
          <Fact name={t('address')}>
            <span className="font-mono">{binding.address}</span>
          </Fact>
        </Facts>
        <div role="status" className="empty:-mt-4">
          {test.data ? (
            <p className="rounded-lg bg-good-soft px-3 py-2 text-good">
              {t('testOk', {
                model: test.data.models.join(', '),
                first: Math.round(test.data.firstTokenMs),
                list: Math.round(test.data.modelsMs),
              })}
            </p>
          ) : null}
        </div>
        {test.error ? <ErrorNote error={test.error} onRetry={() => test.mutate()} /> : null}
        <div className="grid gap-2">
          <h3 className="font-medium">{t('curl')}</h3>
          <CodeText label={t('curl')} text={curlFor(binding)} />
        </div>
        <details>
          <summary className="font-medium">{t('pod')}</summary>
          <div className="mt-2">
            <CodeText label={t('pod')} text={podFor(binding)} />
          </div>
        </details>
      </div>
    </Panel>
  )
}
