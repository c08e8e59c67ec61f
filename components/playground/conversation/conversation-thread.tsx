'use client'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { newestAnswerUnder, type Turn } from '#server/playground/model/conversation-tree.ts'
import type {
  AskedView,
  ConversationView,
  GenerationView,
} from '#server/playground/views/conversation-views.ts'
import { BranchSwitch } from './branch-switch.tsx'
import { ConversationAnswer } from './conversation-answer.tsx'
import type { ConversationFeed } from './conversation-feed.ts'
import { ConversationQuestion } from './conversation-question.tsx'

/** The vote and what compares answers come when they are first wanted. */
const VotePanel = dynamic(() =>
  import('#components/playground/vote/vote-panel.tsx').then((m) => m.VotePanel),
)

/** What was asked for last on this page, and whether another window had asked for it before. */
export type Asked = { answer: string; joined: boolean }

/** One branch of a conversation, from its beginning to its end. */
export function ConversationThread({
  conversation,
  turns,
  feed,
  columns,
  asked,
  onChoose,
  onColumns,
  onAsked,
}: {
  conversation: ConversationView
  turns: Turn[]
  feed: ConversationFeed
  /** All answers to a question side by side. */
  columns: boolean
  asked?: Asked
  onChoose: (answer: string) => void
  onColumns: (columns: boolean) => void
  onAsked: (asked: AskedView) => void
}) {
  const t = useTranslations('conversations')
  return (
    <ol className="thread grid min-w-0 gap-6" aria-label={t('thread')}>
      {/* On paper alone, and where a part of it is not set. */}
      <li className="on-paper-only hidden">{t('partlySource')}</li>
      {turns.map(({ question, siblings, answers, chosen }, at) => {
        const newest = answers.at(-1)?.id ?? ''
        const wide = columns && answers.length > 1
        const heading = (one: GenerationView) => (
          <AnswerHeading generation={one} index={answers.indexOf(one)} count={answers.length} />
        )
        return (
          <li key={question.id} className="grid min-w-0 gap-3">
            <ConversationQuestion
              question={question}
              conversation={conversation.id}
              variants={answers.slice(-1).map(({ request }) => request)}
              branches={
                <BranchSwitch
                  what="question"
                  ids={siblings.map(({ id }) => id)}
                  current={question.id}
                  onChoose={(id) => {
                    const under = newestAnswerUnder(conversation, id)
                    if (under) onChoose(under)
                  }}
                />
              }
              onAsked={onAsked}
            />
            {answers.length > 1 && chosen ? (
              <div className="flex flex-wrap items-center gap-2">
                {wide ? null : (
                  <BranchSwitch
                    what="answer"
                    ids={answers.map(({ id }) => id)}
                    current={chosen.id}
                    onChoose={onChoose}
                  />
                )}
                <Button
                  size="small"
                  look="quiet"
                  aria-pressed={wide}
                  onClick={() => onColumns(!wide)}
                >
                  {t('columns')}
                </Button>
                <Vote generations={answers} feed={feed} onChoose={onChoose} />
              </div>
            ) : null}
            {wide ? (
              // What is placed outside the flow, as words for screen readers are, ends at this edge too.
              <div className="relative grid grid-flow-col auto-cols-[minmax(19rem,1fr)] gap-3 overflow-x-auto">
                {answers.map((one) => (
                  <ConversationAnswer
                    key={one.id}
                    generation={one}
                    newest={newest}
                    asked={one.id === asked?.answer ? asked : undefined}
                    feed={feed}
                    chosen={one === chosen}
                    heading={heading(one)}
                    onGoOn={one === chosen ? undefined : () => onChoose(one.id)}
                    onAsked={onAsked}
                  />
                ))}
              </div>
            ) : chosen ? (
              <ConversationAnswer
                key={chosen.id}
                generation={chosen}
                newest={newest}
                asked={chosen.id === asked?.answer ? asked : undefined}
                feed={feed}
                heading={answers.length > 1 ? heading(chosen) : null}
                alone={at === turns.length - 1}
                onAsked={onAsked}
              />
            ) : null}
          </li>
        )
      })}
    </ol>
  )
}

/** Opens by itself while several answers are written; of an old question it is opened by hand. */
function Vote({
  generations,
  feed,
  onChoose,
}: {
  generations: GenerationView[]
  feed: ConversationFeed
  onChoose: (id: string) => void
}) {
  const t = useTranslations('vote')
  const [open, setOpen] = useState(() =>
    generations.some(({ state }) => state === 'queued' || state === 'running'),
  )
  return (
    <>
      <Button size="small" look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('title')}
      </Button>
      {open ? (
        <div className="w-full">
          <VotePanel generations={generations} feed={feed} onChoose={onChoose} />
        </div>
      ) : null}
    </>
  )
}

/** Which answer it is, and how it was asked for. */
function AnswerHeading({
  generation: { request, continues },
  index,
  count,
}: {
  generation: GenerationView
  index: number
  count: number
}) {
  const t = useTranslations('conversations')
  return (
    <span className="text-[0.87rem] text-muted">
      {t('heading', {
        index: index + 1,
        count,
        preset: request.preset ?? t('noPreset'),
        temperature: request.sampling.temperature,
      })}
      {continues ? ` · ${t('continued')}` : null}
    </span>
  )
}

/** The answers that are on the screen. */
export function shownAnswers(turns: Turn[], columns: boolean): string[] {
  return turns.flatMap(({ answers, chosen }) => {
    const shown = columns ? answers : chosen ? [chosen] : []
    return shown.map(({ id }) => id)
  })
}
