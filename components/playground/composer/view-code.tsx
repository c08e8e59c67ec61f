'use client'
import { useTranslations } from 'next-intl'
import { Tabs } from 'radix-ui'
import { podFor } from '#components/access/binding/call-snippets.ts'
import { CodeText } from '#components/ui/code-text.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { type Call, snippetLanguages, snippetOf } from './code-snippets.ts'

/** Where the pod below mounts its token. */
const tokenPath = '/var/run/secrets/bindery/token'

/** The question as a program of the tenant's would ask it, from one of their own pods. */
export function ViewCode({
  binding,
  call,
  onClose,
}: {
  binding: Pick<BindingView, 'namespace' | 'address'>
  call: Pick<Call, 'model' | 'messages' | 'sampling'>
  onClose: () => void
}) {
  const t = useTranslations('code')
  const whole = { ...call, address: binding.address, tokenPath }
  const tab =
    'rounded-lg px-3 py-1.5 font-medium hover:bg-raised data-[state=active]:bg-accent-soft'
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <p className="text-muted">{t('lead', { address: binding.address })}</p>
      <Tabs.Root defaultValue="curl" className="grid min-w-0 gap-3">
        <Tabs.List className="flex flex-wrap gap-1" aria-label={t('title')}>
          {[...snippetLanguages, 'pod' as const].map((name) => (
            <Tabs.Trigger key={name} value={name} className={tab}>
              {t(`tabs.${name}`)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {snippetLanguages.map((language) => (
          <Tabs.Content key={language} value={language} className="min-w-0">
            <CodeText label={t(`tabs.${language}`)} text={snippetOf(language, whole)} />
          </Tabs.Content>
        ))}
        <Tabs.Content value="pod" className="grid min-w-0 gap-2">
          <p className="text-muted">{t('pod')}</p>
          <CodeText label={t('tabs.pod')} text={podFor(binding)} />
        </Tabs.Content>
      </Tabs.Root>
    </Dialog>
  )
}
