'use client'
import { useTranslations } from 'next-intl'
import { useEffect, useId, useRef, useState } from 'react'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { ConversationFeed } from '#components/playground/conversation/conversation-feed.ts'
import { Button } from '#components/ui/button.tsx'
import { Field, TextInput } from '#components/ui/field.tsx'
import { tellFailure } from '#components/ui/tell-failure.ts'
import type { GenerationView } from '#server/playground/views/conversation-views.ts'
import { PartingView } from './parting-view.tsx'
import type { Tally } from './tally.ts'
import { TallyTable } from './tally-table.tsx'
import { useTally } from './use-tally.ts'

/** The vote over all answers to one question: who leads, by how much, where two of them part. */
export function VotePanel({
  generations,
  feed,
  onChoose,
}: {
  generations: GenerationView[]
  feed: ConversationFeed
  onChoose: (id: string) => void
}) {
  const t = useTranslations('vote')
  const ids = generations.map(({ id }) => id)
  const key = ids.join(',')
  const [expected, setExpected] = useState('')
  const [stopsEarly, setStopsEarly] = useState(true)
  const [pair, setPair] = useState<string[]>([])
  const tally = useTally(feed, ids, expected)
  const checkbox = useId()
  useEffect(() => feed.follow(key.split(',')), [feed, key])
  const saved = useEarlyStop(tally, stopsEarly && isOneVote(generations), feed)
  const nameOf = (id: string) => t('answer', { index: ids.indexOf(id) + 1 })
  const [left, right] = pair
  if (!tally) return <p role="status">{t('counting')}</p>
  return (
    <section
      className="grid gap-3 rounded-card border border-line bg-surface p-4"
      aria-label={t('title')}
      data-testid="vote"
    >
      <h3 className="font-medium">{t('title')}</h3>
      <p role="status" data-testid="vote-summary">
        {summary(tally, t)}
      </p>
      <TallyTable
        tally={tally}
        nameOf={nameOf}
        chosen={pair}
        onOpen={onChoose}
        onPick={(id) =>
          setPair((old) =>
            old.includes(id) ? old.filter((one) => one !== id) : [...old.slice(-1), id],
          )
        }
      />
      {saved.answers > 0 ? (
        <p role="status">{t('stoppedEarly', { count: saved.answers, tokens: saved.tokens })}</p>
      ) : null}
      <div className="flex flex-wrap items-end gap-4">
        <Field label={t('expected')} hint={t('expectedHint')}>
          {(attributes) => (
            <TextInput
              {...attributes}
              value={expected}
              maxLength={500}
              onChange={(event) => setExpected(event.target.value)}
            />
          )}
        </Field>
        <label htmlFor={checkbox} className="flex items-center gap-2">
          <input
            id={checkbox}
            type="checkbox"
            className="size-6"
            checked={stopsEarly}
            onChange={(event) => setStopsEarly(event.target.checked)}
          />
          {t('stopEarly')}
        </label>
        {pair.length > 0 ? (
          <Button size="small" look="quiet" onClick={() => setPair([])}>
            {t('clear')}
          </Button>
        ) : null}
      </div>
      {left && right ? (
        <PartingView
          key={pair.join()}
          left={{ name: nameOf(left), reasoning: reasoningOf(feed, left) }}
          right={{ name: nameOf(right), reasoning: reasoningOf(feed, right) }}
        />
      ) : (
        <p className="text-[0.87rem] text-muted">{t('pickTwo')}</p>
      )}
    </section>
  )
}

function summary(tally: Tally, t: ReturnType<typeof useTranslations<'vote'>>): string {
  const [leader, second] = tally.groups
  if (!leader) return t('noVotes', { growing: tally.growing.length })
  if (tally.isDecided)
    return tally.growing.length > 0
      ? t('decided', { margin: tally.margin })
      : t('over', { margin: tally.margin })
  if (tally.growing.length > 0) return t('open', { growing: tally.growing.length })
  return second?.ids.length === leader.ids.length ? t('tie') : t('unsure')
}

function reasoningOf(feed: ConversationFeed, id: string): string {
  const { answer } = feed.get(id)
  return answer.reasoning || answer.content
}

/** Three or more answers asked for in one way are a vote; two presets are a comparison, and both are wanted whole. */
function isOneVote(generations: readonly GenerationView[]): boolean {
  const ways = new Set(
    generations.map(({ request: { preset, systemPrompt, sampling } }) =>
      JSON.stringify([preset, systemPrompt, { ...sampling, seed: undefined }]),
    ),
  )
  return generations.length > 2 && ways.size === 1
}

/** Stops what still grows once it cannot change the leader; says how many answers that ended, and what they had left. */
function useEarlyStop(
  tally: Tally | undefined,
  enabled: boolean,
  feed: ConversationFeed,
): { answers: number; tokens: number } {
  const asked = useRef(new Set<string>())
  const failed = useTranslations('vote')('stopFailed')
  useEffect(() => {
    if (!enabled || !tally?.isDecided) return
    for (const id of tally.growing) {
      if (asked.current.has(id) || feed.get(id).answer.end) continue
      asked.current.add(id)
      request('POST', pathOf('generations', id, 'stop'), {}).catch(() => tellFailure(failed))
    }
  }, [tally, enabled, feed, failed])
  const tokensOf = (id: string) => feed.get(id).answer.usage?.completionTokens ?? 0
  // One that came to its end before it could be stopped has a vote.
  const stopped = tally?.void.filter((id) => asked.current.has(id)) ?? []
  const whole = tally?.groups.flatMap(({ ids }) => ids) ?? []
  const mean = whole.reduce((sum, id) => sum + tokensOf(id), 0) / Math.max(1, whole.length)
  const tokens = stopped.reduce((sum, id) => sum + Math.max(0, Math.round(mean - tokensOf(id))), 0)
  return { answers: stopped.length, tokens }
}
