'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Code } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { type FormEvent, useMemo, useState } from 'react'
import { presetsQuery } from '#components/data/preset-queries.ts'
import { askModel } from '#components/playground/mutations.ts'
import { presetChoices } from '#components/playground/presets/preset-choice.ts'
import { PresetSelect } from '#components/playground/presets/preset-select.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select, TextArea } from '#components/ui/field.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { chatMessages } from '#server/platform/inference/model/chat-messages.ts'
import { questionCharsMax } from '#server/playground/model/ask-limits.ts'
import type { AskedView } from '#server/playground/views/conversation-views.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import { problemsOf, variantOf } from './ask-draft.ts'
import { hintsFor } from './hints.ts'
import { useQuestionDraft } from './question-draft.ts'
import { SideBySideFields } from './side-by-side.tsx'
import { useAskDraft } from './use-ask-draft.ts'
import { type SideBySide, variantsOf } from './variants-of.ts'

// What is folded away comes after the page.
const ViewCode = dynamic(() => import('./view-code.tsx').then((m) => m.ViewCode))
const PresetActions = dynamic(() =>
  import('#components/playground/presets/preset-actions.tsx').then((m) => m.PresetActions),
)
const SamplingFields = dynamic(() => import('./sampling-fields.tsx').then((m) => m.SamplingFields))

const examples = ['quadratic', 'integral', 'gcd', 'program'] as const

/** The question and how it is asked: role, sampling, and advice where this model is known to do badly. */
export function Composer({
  binding,
  bindings,
  service,
  presetName,
  conversation,
  after,
  growing,
  unwatchedStopSeconds,
  onBinding,
  onPreset,
  onAsked,
}: {
  binding: BindingView
  bindings: BindingView[]
  service: ModelServiceView
  presetName?: string
  /** The conversation that goes on, and the answer after which; a new one begins without. */
  conversation?: string
  after?: string
  /** That answer is still being written. */
  growing: boolean
  unwatchedStopSeconds?: number
  onBinding: (id: string) => void
  onPreset: (id: string | undefined) => void
  onAsked: (asked: AskedView) => void
}) {
  const t = useTranslations('playground')
  const own = useQuery(presetsQuery())
  const presets = useMemo(
    () => presetChoices(service.presets, own.data ?? []),
    [service.presets, own.data],
  )
  const preset = presets.find(({ id }) => id === presetName) ?? presets[0]
  const { draft, setDraft } = useAskDraft(service.id, preset)
  const [showsCode, setShowsCode] = useState(false)
  const question = useQuestionDraft(conversation ?? 'new')
  const [sideBySide, setSideBySide] = useState<SideBySide>({ answers: 1 })
  const [checked, setChecked] = useState(false)
  const ask = useMutation({
    ...askModel(),
    onSuccess: (asked) => {
      question.setText('')
      setChecked(false)
      onAsked(asked)
    },
  })
  const variant = variantOf(draft, binding, preset?.id)
  const problems = problemsOf(question.text, draft, service.limits.contextTokens)
  const hints = hintsFor({
    systemPrompt: draft.systemPrompt,
    prompt: question.text,
    sampling: variant.sampling,
    noRoleOnPurpose: preset?.systemPrompt === '' && draft.systemPrompt === '',
  })

  function submit(event?: FormEvent) {
    event?.preventDefault()
    setChecked(true)
    if (problems.length > 0 || ask.isPending || growing) return
    ask.mutate({
      conversation,
      question: { text: question.text, after },
      variants: variantsOf(draft, binding, presets, sideBySide, preset),
    })
  }

  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid gap-4 rounded-card border border-line bg-surface p-5 print:hidden"
    >
      <div className="grid gap-4 sm:grid-cols-2 hall:hidden">
        <Field label={t('binding')}>
          {(attributes) => (
            <Select
              {...attributes}
              value={binding.id}
              onChange={(event) => onBinding(event.target.value)}
            >
              {bindings.map(({ id, namespace, name }) => (
                <option key={id} value={id}>
                  {namespace}/{name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <PresetSelect presets={presets} preset={preset} onPreset={onPreset} />
      </div>
      <Field
        label={t('question')}
        hint={t('questionHint')}
        error={
          problems.includes('questionLong')
            ? t('questionLong', { length: question.text.length, max: questionCharsMax })
            : checked && problems.includes('question')
              ? t('questionMissing')
              : undefined
        }
      >
        {(attributes) => (
          <TextArea
            {...attributes}
            data-testid="prompt"
            rows={4}
            value={question.text}
            onChange={(event) => question.setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit()
            }}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-2 hall:hidden">
        <span className="text-[0.87rem] text-muted">{t('examples.label')}</span>
        {examples.map((example) => (
          <Button
            key={example}
            size="small"
            look="quiet"
            onClick={() => question.setText(t(`examples.${example}.text`))}
          >
            {t(`examples.${example}.title`)}
          </Button>
        ))}
      </div>
      <details className="hall:hidden">
        <summary className="font-medium">{t('how')}</summary>
        <div className="mt-3 grid gap-4">
          <Field label={t('role')} hint={t('roleHint')}>
            {(attributes) => (
              <TextArea
                {...attributes}
                rows={2}
                value={draft.systemPrompt}
                onChange={(event) => setDraft({ ...draft, systemPrompt: event.target.value })}
              />
            )}
          </Field>
          <PresetActions
            preset={preset}
            draft={draft}
            contextTokens={service.limits.contextTokens}
            onChosen={onPreset}
          />
          <SamplingFields
            draft={draft}
            problems={problems}
            contextTokens={service.limits.contextTokens}
            onChange={setDraft}
          />
          <SideBySideFields
            value={sideBySide}
            presets={presets}
            preset={preset?.id}
            onChange={setSideBySide}
          />
        </div>
      </details>
      {hints.length > 0 ? (
        <div role="status" className="rounded-lg bg-warn-soft px-4 py-2 text-warn">
          <ul className="grid gap-1">
            {hints.map((hint) => (
              <li key={hint}>{t(`hints.${hint}`)}</li>
            ))}
          </ul>
        </div>
      ) : null}
      {ask.error ? <ErrorNote error={ask.error} /> : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" look="primary" busy={ask.isPending || growing}>
          {t('ask')}
          <kbd className="text-[0.8rem] opacity-80 max-sm:hidden">Ctrl ↵</kbd>
        </Button>
        <Button look="quiet" className="hall:hidden" onClick={() => setShowsCode(true)}>
          <Code size={16} aria-hidden />
          {t('viewCode')}
        </Button>
        <p className="text-[0.87rem] text-muted hall:hidden">
          {growing
            ? t('waitsForAnswer')
            : unwatchedStopSeconds
              ? t('grace', {
                  seconds: unwatchedStopSeconds,
                  minutes: Math.floor(unwatchedStopSeconds / 60),
                })
              : null}
        </p>
      </div>
      {showsCode ? (
        <ViewCode
          binding={binding}
          call={{
            model: service.model,
            messages: chatMessages(variant.systemPrompt, [], question.text),
            sampling: variant.sampling,
          }}
          onClose={() => setShowsCode(false)}
        />
      ) : null}
    </form>
  )
}
