'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, useRef } from 'react'
import { changeBinding, requestBinding } from '#components/access/mutations.ts'
import { previewQuery } from '#components/data/preview-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select, TextArea, TextInput } from '#components/ui/field.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { type Decision, type Purpose, purposes } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import { DenialNote } from './denial-note.tsx'
import { outlookOf } from './outlook.ts'
import { OutlookNote } from './outlook-note.tsx'
import { QuotaFields } from './quota-fields.tsx'
import { bodyOf, firstDraft, withStrategy } from './request-draft.ts'
import { RequestPreview } from './request-preview.tsx'
import { StrategyField } from './strategy-field.tsx'
import { useDraft } from './use-draft.ts'
import { useFieldErrors } from './use-field-errors.ts'
import { useSettled } from './use-settled.ts'

const justificationMax = 2000

export function RequestForm({
  service,
  namespaces,
  preferred,
  binding,
  extend = false,
  denialIn,
}: {
  service: ModelServiceView
  namespaces: string[]
  preferred?: string
  binding?: BindingView
  /** A new term of what is granted is asked for, from the moment on at which it is granted. */
  extend?: boolean
  denialIn: (namespace: string) => Decision | undefined
}) {
  const t = useTranslations('access.request')
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const namespace = namespaces.find((one) => one === preferred) ?? namespaces[0] ?? ''
  const { draft, setDraft, forget } = useDraft(
    `${extend ? 'extend' : 'request'} ${binding?.id ?? service.id}`,
    firstDraft(service, namespace, binding),
  )
  const errors = useFieldErrors(service.limits)
  const ask = useMutation({
    ...requestBinding(),
    onSuccess: done,
    onError: errors.take,
  })
  const change = useMutation({
    ...changeBinding(binding?.namespace ?? '', binding?.name ?? ''),
    onSuccess: done,
    onError: errors.take,
  })
  const { isPending, error } = binding ? change : ask

  function done(view: BindingView) {
    forget()
    router.push(`/bindings/${view.namespace}/${view.name}`)
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    const body = bodyOf(draft, service)
    if (!errors.check(body)) {
      requestAnimationFrame(() =>
        form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus(),
      )
      return
    }
    if (!binding) return ask.mutate(body)
    change.mutate(changeOf(body, binding, extend))
  }

  const denial = denialIn(draft.namespace)
  const body = bodyOf(draft, service)
  const { justification: _, ...looked } = body
  const preview = useQuery(
    previewQuery({
      binding,
      body: useSettled(JSON.stringify(binding ? changeOf(looked, binding, extend) : looked), 300),
    }),
  )
  // What was refused is said first; what would be refused, as soon as it is known.
  const errorOf = (field: string) => errors.of(field) ?? errors.foreseen(preview.data).get(field)
  const outlook = outlookOf(body, service, { binding, extend, now: new Date() })
  const besideFields = error instanceof AppError && (error.details.fields?.length ?? 0) > 0
  return (
    <form
      ref={form}
      onSubmit={submit}
      noValidate
      className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_26rem]"
    >
      <div className="grid min-w-0 gap-6">
        {denial ? <DenialNote denial={denial} /> : null}
        <Panel title={t('where')}>
          <div className="grid gap-5">
            <Field label={t('namespace')} hint={t('namespaceHint')} error={errorOf('namespace')}>
              {(attributes) => (
                <Select
                  {...attributes}
                  disabled={binding !== undefined}
                  value={draft.namespace}
                  onChange={(event) => setDraft({ ...draft, namespace: event.target.value })}
                >
                  {(binding ? [binding.namespace] : namespaces).map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </Select>
              )}
            </Field>
            <StrategyField
              value={draft.strategy}
              error={errorOf('strategy')}
              onChange={(strategy) => setDraft(withStrategy(draft, strategy))}
            />
            <Field
              label={t('alias')}
              hint={t('aliasHint', {
                address: `http://${draft.alias || '…'}:${addressPort(service)}`,
              })}
              error={errorOf('alias')}
            >
              {(attributes) => (
                <TextInput
                  {...attributes}
                  className="font-mono"
                  autoComplete="off"
                  spellCheck={false}
                  value={draft.alias}
                  onChange={(event) => setDraft({ ...draft, alias: event.target.value })}
                />
              )}
            </Field>
          </div>
        </Panel>
        <Panel title={t('why')}>
          <div className="grid gap-5">
            <Field label={t('purpose')} error={errorOf('purpose')}>
              {(attributes) => (
                <Select
                  {...attributes}
                  value={draft.purpose}
                  onChange={(event) =>
                    setDraft({ ...draft, purpose: event.target.value as Purpose })
                  }
                >
                  {purposes.map((name) => (
                    <option key={name} value={name}>
                      {t(`purposes.${name}`)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field
              label={t('justification')}
              hint={t('justificationHint', {
                count: draft.justification.length,
                max: justificationMax,
              })}
              error={errorOf('justification')}
            >
              {(attributes) => (
                <TextArea
                  {...attributes}
                  value={draft.justification}
                  onChange={(event) => setDraft({ ...draft, justification: event.target.value })}
                />
              )}
            </Field>
          </div>
        </Panel>
        <Panel title={t('howMuch')}>
          <QuotaFields
            draft={draft}
            limits={service.limits}
            errorOf={errorOf}
            onChange={setDraft}
          />
        </Panel>
      </div>
      {/* What it comes to stays in sight while the fields are filled in. */}
      <div className="grid min-w-0 gap-4 xl:sticky xl:top-8">
        <RequestPreview
          wish={body}
          service={service}
          binding={binding}
          preview={preview.data}
          error={preview.error}
        >
          <OutlookNote
            outlook={outlook}
            service={service}
            binding={binding}
            extendDays={extend ? body.durationDays : undefined}
          />
        </RequestPreview>
        {error && !besideFields ? <ErrorNote error={error} /> : null}
        {errors.rest.length > 0 ? (
          <ul role="alert" className="list-inside list-disc text-bad">
            {errors.rest.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        ) : null}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" busy={isPending}>
            {extend ? t('sendExtension') : binding ? t('sendChange') : t('send')}
          </Button>
          <Button onClick={() => router.back()}>{t('back')}</Button>
        </div>
      </div>
    </form>
  )
}

/** What is sent of it where there is a binding already. */
function changeOf<T extends { namespace: string; modelService: object }>(
  body: T,
  binding: BindingView,
  extend: boolean,
) {
  const { namespace: _, modelService: __, ...wish } = body
  return { ...wish, generation: binding.generation, ...(extend ? { extend } : {}) }
}

function addressPort(service: ModelServiceView): string {
  return service.address.split(':').at(-1) ?? ''
}
