import { compareAnswers } from '#server/answers/compare-answers.ts'
import { extractAnswer } from '#server/answers/extract-answer.ts'
import { groupAnswers } from '#server/answers/group-answers.ts'
import type { Verdict } from '#server/answers/rules/outcome.ts'

/** An answer as the vote sees it. A cut-off one ran out of tokens; one that failed or was stopped has no vote. */
export type Ballot = {
  id: string
  state: 'growing' | 'ended' | 'cut-off' | 'void'
  /** Empty while it grows: only whole answers are counted. */
  content: string
}

export type TallyGroup = {
  normalForm: string
  ids: string[]
  /** Against the answer that the reader expects. */
  expected?: Verdict
}

export type Tally = {
  /** Largest first. */
  groups: TallyGroup[]
  /** Places of groups that cannot be told apart or joined, with the rule. */
  undecided: { groups: [number, number]; rule: string }[]
  noAnswer: string[]
  cutOff: string[]
  growing: string[]
  /** Stopped, failed or interrupted. */
  void: string[]
  /** Votes by which the leader is ahead of whatever could still pass it; negative while it can be passed. */
  margin: number
  /** Nothing that still grows can change the leader. */
  isDecided: boolean
}

/** Counts votes: answers that are equal are one group, whatever cannot be decided stays apart. */
export function tallyOf(ballots: readonly Ballot[], expected: string): Tally {
  const counted: { id: string; answer: string }[] = []
  const noAnswer: string[] = []
  const cutOff: string[] = []
  const growing: string[] = []
  const without: string[] = []
  for (const { id, state, content } of ballots) {
    if (state === 'growing') growing.push(id)
    if (state === 'void') without.push(id)
    if (state === 'growing' || state === 'void') continue
    const answer = extractAnswer(content)
    if (answer !== undefined) counted.push({ id, answer })
    else if (state === 'cut-off') cutOff.push(id)
    else noAnswer.push(id)
  }
  const { groups, undecided } = groupAnswers(counted.map(({ answer }) => answer))
  const idsOf = (members: readonly number[]) => members.flatMap((at) => counted[at]?.id ?? [])
  const wanted = expected.trim()
  const margin = marginOf(
    groups.map(({ members }) => members.length),
    undecided,
    growing.length,
  )
  return {
    groups: groups.map(({ normalForm, members }) => {
      const first = counted[members[0] ?? 0]?.answer ?? ''
      const against = wanted === '' ? {} : { expected: compareAnswers(first, wanted).verdict }
      return { normalForm, ids: idsOf(members), ...against }
    }),
    undecided,
    noAnswer,
    cutOff,
    growing,
    void: without,
    margin,
    isDecided: groups.length > 0 && margin > 0,
  }
}

/** Groups that may turn out to be one could add up, and every answer that grows could go to the strongest rival. */
function marginOf(
  sizes: readonly number[],
  undecided: Tally['undecided'],
  growing: number,
): number {
  const [leader = 0, ...rivals] = sizes
  let strongest = 0
  for (const [at, size] of rivals.entries()) {
    const place = at + 1
    let together = size
    for (const { groups } of undecided) {
      if (!groups.includes(place) || groups.includes(0)) continue
      const other = groups[0] === place ? groups[1] : groups[0]
      together += sizes[other] ?? 0
    }
    strongest = Math.max(strongest, together)
  }
  return leader - strongest - growing
}
