'use client'
import { useMutation } from '@tanstack/react-query'
import { CornerDownRight, FastForward, RotateCcw, Square, StepForward } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import {
  type AnswerState,
  AnswerView,
  answerState,
  cutReason,
  isGrowingState,
} from '#components/playground/answer/answer-view.tsx'
import { FollowEnd } from '#components/playground/answer/follow-end.tsx'
import { Silence } from '#components/playground/answer/silence.tsx'
import {
  askModel,
  continueGeneration,
  finishThinking,
  stopGeneration,
} from '#components/playground/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { AskedView, GenerationView } from '#server/playground/views/conversation-views.ts'
import type { ConversationFeed, FollowedGeneration } from './conversation-feed.ts'
import { useFollowed } from './use-feed.ts'

const canGoOn: AnswerState[] = ['stopped', 'interrupted', 'failed']

/** One answer and what can be done with it: stop it (Escape too), go on with it, ask again. */
export function ConversationAnswer({
  generation,
  newest,
  asked,
  feed,
  heading,
  chosen,
  alone,
  onGoOn,
  onAsked,
}: {
  generation: GenerationView
  /** Of all answers to the question, the last one that this page knows. */
  newest: string
  /** It was asked for on this page; `joined`: after another window had done so. */
  asked?: { joined: boolean }
  feed: ConversationFeed
  /** Above the answer: which of several it is. */
  heading?: ReactNode
  /** Of several side by side, the one that the conversation goes on after. */
  chosen?: boolean
  /** It is the last of its branch, with no other beside it: the page keeps to its end while it grows. */
  alone?: boolean
  /** Where the conversation goes on after another of them: takes it on from this one. */
  onGoOn?: () => void
  onAsked: (asked: AskedView) => void
}) {
  const t = useTranslations('conversations.answer')
  const reasoning = useTranslations('reasoning')
  const followed = useFollowed(feed, generation.id)
  const [openedMs] = useState(() => performance.now())
  // What had ended before is read from its beginning.
  const [cameGrowing] = useState(() => ['queued', 'running'].includes(generation.state))
  const card = useRef<HTMLDivElement>(null)
  const stop = useMutation(stopGeneration(generation.id))
  const again = useMutation({ ...askModel(), onSuccess: onAsked })
  const goOn = useMutation({ ...continueGeneration(generation.id), onSuccess: onAsked })
  const finish = useMutation({ ...finishThinking(generation.id), onSuccess: onAsked })
  const state = answerState(followed)
  const growing = isGrowingState(state)
  const canContinue = isContinuable(followed.answer, state)
  const { mutate } = stop

  useEffect(() => {
    if (!growing) return
    const onKey = (event: KeyboardEvent) => {
      // A word that is being composed ends by it, and a field of one line is emptied.
      if (event.defaultPrevented || event.isComposing) return
      if (event.key === 'Escape' && !(event.target instanceof HTMLInputElement)) mutate()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [growing, mutate])

  const error = stop.error ?? again.error ?? goOn.error ?? finish.error
  const { seed: _, ...sampling } = generation.request.sampling
  const finishButton = (
    <Button
      size={growing ? 'normal' : 'small'}
      title={reasoning('finishHint')}
      busy={finish.isPending}
      onClick={() => finish.mutate({ newest })}
    >
      <FastForward size={15} aria-hidden />
      {reasoning(growing ? 'finish' : 'answer')}
    </Button>
  )
  return (
    <>
      <div
        ref={card}
        className={classes(
          'grid min-w-0 content-start gap-4 rounded-card border bg-surface p-5',
          chosen ? 'border-accent' : 'border-line',
        )}
      >
        {heading || growing ? (
          <div
            className={classes(
              'sticky top-2 z-10 flex flex-wrap items-center justify-between gap-2 print:hidden',
              // Beside the answer's state: nothing moves when the button goes.
              !heading && '-mb-4 h-0 items-start!',
            )}
          >
            <div className="min-w-0">{heading}</div>
            {growing ? (
              <div className="flex flex-wrap gap-2">
                {state === 'thinking' ? finishButton : null}
                <Button look="danger" busy={stop.isPending} onClick={() => mutate()}>
                  <Square size={15} aria-hidden fill="currentColor" />
                  {t('stop')}
                  <kbd className="text-[0.8rem] text-muted max-sm:hidden">Esc</kbd>
                </Button>
              </div>
            ) : null}
          </div>
        ) : null}
        {asked?.joined ? (
          <p role="status" className="rounded-card bg-raised px-4 py-2 print:hidden">
            {t('joined')}
          </p>
        ) : null}
        <AnswerView
          generation={generation}
          followed={followed}
          onStop={() => mutate()}
          onFinish={() => finish.mutate({ newest })}
        />
        {growing && state !== 'away' ? (
          <Silence sinceMs={followed.cameMs ?? openedMs} connected={followed.connected} />
        ) : null}
        {isQuota(followed.answer.end?.error?.code) ? <AskForMore generation={generation} /> : null}
        {error ? <ErrorNote error={error} /> : null}
        {growing ? null : (
          <div className="flex flex-wrap gap-2 hall:hidden">
            {canContinue && followed.answer.reasoning && !followed.answer.content.trim()
              ? finishButton
              : null}
            {canContinue ? (
              <Button size="small" busy={goOn.isPending} onClick={() => goOn.mutate({ newest })}>
                <StepForward size={15} aria-hidden />
                {t('continue')}
              </Button>
            ) : null}
            <Button
              size="small"
              look="quiet"
              busy={again.isPending}
              onClick={() =>
                again.mutate({
                  conversation: generation.conversation,
                  question: { id: generation.question, newest },
                  // The same seed would give the same answer.
                  variants: [{ ...generation.request, sampling }],
                })
              }
            >
              <RotateCcw size={15} aria-hidden />
              {t('again')}
            </Button>
            {followed.answer.content.trim() ? (
              <CopyButton text={followed.answer.content} label={t('copy')} />
            ) : null}
            {onGoOn ? (
              <Button size="small" look="quiet" onClick={onGoOn}>
                <CornerDownRight size={15} aria-hidden />
                {t('goOnFrom')}
              </Button>
            ) : null}
          </div>
        )}
      </div>
      {alone && cameGrowing ? (
        <FollowEnd card={card} growing={growing} asked={asked !== undefined} />
      ) : null}
    </>
  )
}

/** Something was written, it is not whole, and the engine has room for more of it. */
function isContinuable(answer: FollowedGeneration['answer'], state: AnswerState): boolean {
  const reason = cutReason(answer)
  if (reason === 'context' || answer.end?.error?.key === 'gateway.context_exceeded') return false
  if (`${answer.reasoning}${answer.content}`.trim() === '') return false
  return canGoOn.includes(state) || reason !== undefined
}

function isQuota(code: string | undefined): boolean {
  return code === 'quota-exhausted'
}

/** The way to a larger quota, with the binding filled in. */
export function AskForMore({ generation }: { generation: GenerationView }) {
  const t = useTranslations('conversations.answer')
  const { namespace, name } = generation.request.binding
  const change = new URLSearchParams({ change: `${namespace}/${name}` })
  return (
    <p>
      <Link href={`/access/request?${change}`} className="text-accent underline">
        {t('askForMore')}
      </Link>
    </p>
  )
}
