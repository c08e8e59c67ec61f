'use client'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { errorOf } from '#components/data/request.ts'
import type { FollowedGeneration } from '#components/playground/conversation/conversation-feed.ts'
import { ReasoningView } from '#components/playground/reasoning/reasoning-view.tsx'
import { Typeset } from '#components/playground/typeset/typeset.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { extractAnswer } from '#server/answers/extract-answer.ts'
import { ranOutWhileThinking } from '#server/playground/model/token-stream.ts'
import type { GenerationView } from '#server/playground/views/conversation-views.ts'
import { AnswerNumbers } from './answer-numbers.tsx'
import { LoopNotice } from './loop-notice.tsx'

const CheckPanel = dynamic(() =>
  import('#components/playground/check/check-panel.tsx').then((m) => m.CheckPanel),
)

export type AnswerState =
  | 'waiting'
  | 'thinking'
  | 'answering'
  | 'away'
  | 'done'
  | 'stopped'
  | 'interrupted'
  | 'failed'

export function answerState(followed: FollowedGeneration): AnswerState {
  const { answer } = followed
  if (followed.failure) return 'failed'
  if (answer.end) return answer.end.state
  if (answer.away) return 'away'
  if (answer.content) return 'answering'
  return answer.reasoning ? 'thinking' : 'waiting'
}

const growingStates: AnswerState[] = ['waiting', 'thinking', 'answering', 'away']

export function isGrowingState(state: AnswerState): boolean {
  return growingStates.includes(state)
}

/** Why an answer that came to an end is not whole: the budget, the day's quota or the engine's context was used up. */
export type CutReason = 'length' | 'quota' | 'context'

export function cutReason({ end }: FollowedGeneration['answer']): CutReason | undefined {
  const reason = end?.error ? undefined : end?.finishReason
  return reason === 'length' || reason === 'quota' || reason === 'context' ? reason : undefined
}

function toneOf(state: AnswerState) {
  if (state === 'done') return 'good'
  if (state === 'failed') return 'bad'
  return isGrowingState(state) && state !== 'away' ? 'accent' : 'warn'
}

/** One answer: reasoning apart, then the answer, its numbers, and in words how it ended. */
export function AnswerView({
  generation,
  followed,
  onStop,
  onFinish,
}: {
  generation: GenerationView
  followed: FollowedGeneration
  onStop: () => void
  /** Ends the thinking and asks for the answer. */
  onFinish: () => void
}) {
  const t = useTranslations('playground.answer')
  const { answer } = followed
  const state = answerState(followed)
  const growing = isGrowingState(state)
  const cut = cutReason(answer)
  const thinking = growing && !answer.content
  const finish = useTranslations('playground.finish')
  const finishWords = (reason: string) =>
    finish.has(reason) ? finish(reason) : finish('other', { reason: reason.slice(0, 80) })
  const boxed = growing ? undefined : extractAnswer(answer.content)
  return (
    <article
      className="grid grid-cols-[minmax(0,1fr)] gap-4"
      aria-label={t('label')}
      aria-busy={growing}
    >
      <p role="status">
        <Badge live={growing && state !== 'away'} tone={cut ? 'warn' : toneOf(state)}>
          {t(`state.${cut ? 'cut' : state}`)}
        </Badge>
      </p>
      {answer.reasoning ? (
        <ReasoningView
          text={answer.reasoning}
          thinking={thinking}
          // Of a continued answer only the tokens that were added are counted.
          tokens={generation.continues ? undefined : answer.usage?.reasoningTokens}
        />
      ) : null}
      {answer.content ? (
        <section data-testid="answer" className="text-[1.06rem]">
          <h2 className="sr-only">{t('answer')}</h2>
          <Typeset text={answer.content} runs />
        </section>
      ) : null}
      {!growing && /\$\$|\\\[|\\begin\{/.test(answer.content) ? (
        <Check text={answer.content} />
      ) : null}
      {boxed ? (
        <section className="rounded-card border-2 border-accent px-5 py-3 text-[1.5rem]">
          <h2 className="text-[0.87rem] font-medium text-muted">{t('result')}</h2>
          <div data-testid="boxed" data-latex={boxed}>
            <Typeset text={`$$\n${boxed}\n$$`} />
          </div>
        </section>
      ) : null}
      {growing ? (
        <LoopNotice
          text={answer.content || answer.reasoning}
          thinking={thinking}
          onStop={onStop}
          onFinish={onFinish}
        />
      ) : null}
      {answer.end?.finishReason && !answer.end.error ? (
        <p className="text-[0.87rem] text-muted hall:hidden">
          {finishWords(answer.end.finishReason)}
        </p>
      ) : null}
      {state === 'waiting' && answer.usage?.waitingFor ? (
        <p role="status" className="rounded-card bg-warn-soft px-4 py-3 text-warn">
          {t(answer.usage.waitingFor)}
        </p>
      ) : null}
      {cut ? (
        <p className="rounded-card bg-warn-soft px-4 py-3 text-warn">
          {t(cut !== 'length' ? cut : ranOutWhileThinking(answer) ? 'ranOut' : 'cut')}
        </p>
      ) : null}
      {state === 'away' ? (
        <p role="status" className="rounded-card bg-warn-soft px-4 py-2 text-warn">
          {t('away')}
        </p>
      ) : null}
      {answer.kept ? (
        <p role="status" className="rounded-card bg-warn-soft px-4 py-2 text-warn">
          {t('unsaved')}
        </p>
      ) : null}
      {answer.end?.error ? <ErrorNote error={errorOf({ error: answer.end.error })} /> : null}
      {followed.failure ? <ErrorNote error={followed.failure} /> : null}
      <AnswerNumbers
        usage={answer.usage}
        maxTokens={generation.request.sampling.maxTokens}
        growing={growing}
      />
    </article>
  )
}

/** What is checked is loaded when it is first wanted. */
function Check({ text }: { text: string }) {
  const t = useTranslations('check')
  const [open, setOpen] = useState(false)
  return (
    <div className="grid gap-2 print:hidden">
      <div>
        <Button size="small" look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('check')}
        </Button>
      </div>
      {open ? <CheckPanel text={text} /> : null}
    </div>
  )
}
