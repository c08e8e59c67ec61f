'use client'
import { useTranslations } from 'next-intl'
import { errorOf } from '#components/data/request.ts'
import { Badge } from '#components/ui/badge.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { GenerationView } from '#server/domain/playground/conversation-views.ts'
import { ranOutWhileThinking } from '#server/domain/playground/token-stream.ts'
import { AnswerNumbers } from './answer-numbers.tsx'
import { boxedAnswer } from './boxed-answer.ts'
import type { FollowedGeneration } from './conversation-feed.ts'
import { LoopNotice } from './loop-notice.tsx'
import { ReasoningView } from './reasoning-view.tsx'
import { Typeset } from './typeset/typeset.tsx'

export type AnswerState =
  | 'waiting'
  | 'thinking'
  | 'answering'
  | 'done'
  | 'stopped'
  | 'interrupted'
  | 'failed'

export function answerState(followed: FollowedGeneration): AnswerState {
  const { answer } = followed
  if (followed.failure) return 'failed'
  if (answer.end) return answer.end.state
  if (answer.content) return 'answering'
  return answer.reasoning ? 'thinking' : 'waiting'
}

const live: AnswerState[] = ['waiting', 'thinking', 'answering']

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
  const growing = live.includes(state)
  const finish = useTranslations('playground.finish')
  const finishWords = (reason: string) =>
    finish.has(reason) ? finish(reason) : finish('other', { reason: reason.slice(0, 80) })
  const boxed = growing ? undefined : boxedAnswer(answer.content)
  return (
    <article
      className="grid grid-cols-[minmax(0,1fr)] gap-4"
      aria-label={t('label')}
      aria-busy={growing}
    >
      <p role="status">
        <Badge
          live={growing}
          tone={
            state === 'done' ? 'good' : state === 'failed' ? 'bad' : growing ? 'accent' : 'warn'
          }
        >
          {t(`state.${state}`)}
        </Badge>
      </p>
      {answer.reasoning ? (
        <ReasoningView
          text={answer.reasoning}
          thinking={state === 'thinking'}
          tokens={answer.usage?.reasoningTokens}
        />
      ) : null}
      {answer.content ? (
        <section data-testid="answer" className="text-[1.06rem]">
          <h2 className="sr-only">{t('answer')}</h2>
          <Typeset text={answer.content} runs />
        </section>
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
          thinking={state === 'thinking'}
          onStop={onStop}
          onFinish={onFinish}
        />
      ) : null}
      {answer.end?.finishReason && !answer.end.error ? (
        <p className="text-[0.87rem] text-muted hall:hidden">
          {finishWords(answer.end.finishReason)}
        </p>
      ) : null}
      {ranOutWhileThinking(answer) ? (
        <p className="rounded-card bg-warn-soft px-4 py-3 text-warn">{t('ranOut')}</p>
      ) : answer.end?.finishReason === 'length' ? (
        <p className="rounded-card bg-warn-soft px-4 py-3 text-warn">{t('cut')}</p>
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
