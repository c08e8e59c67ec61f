import { compareAnswers } from './compare-answers.ts'

export type AnswerGroup = {
  /** Of the first member. */
  normalForm: string
  /** Places in the list, in its order. */
  members: number[]
  /** Whether some other answer can neither be told from this group nor be put into it. */
  isOpen: boolean
}

export type GroupedAnswers = {
  /** Largest first; of one size, in order of appearance. */
  groups: AnswerGroup[]
  /** Pairs of groups that could not be decided, with the rule. */
  undecided: { groups: [number, number]; rule: string }[]
}

/** Groups of equal answers. Two that are undecided share a group only through a third that equals both. */
export function groupAnswers(answers: readonly string[]): GroupedAnswers {
  const groups: AnswerGroup[] = []
  const texts: string[][] = []
  const open = new Map<AnswerGroup, Map<AnswerGroup, string>>()
  for (const [place, answer] of answers.entries()) {
    const matches: AnswerGroup[] = []
    const unsure = new Map<AnswerGroup, string>()
    let form = ''
    for (const [at, group] of groups.entries()) {
      for (const text of texts[at] ?? []) {
        const { verdict, rule, ...forms } = compareAnswers(answer, text)
        form = forms.a
        if (verdict === 'equal') {
          matches.push(group)
          unsure.delete(group)
          break
        }
        if (verdict === 'undecided') unsure.set(group, rule)
        else unsure.delete(group)
        if (verdict === 'different') break
      }
    }
    const [home] = matches
    if (home) {
      home.members.push(place)
      const own = texts[groups.indexOf(home)]
      if (own && !own.includes(answer)) own.push(answer)
      for (const other of matches.slice(1)) merge(home, other, groups, texts)
      continue
    }
    const group: AnswerGroup = {
      normalForm: form || compareAnswers(answer, answer).a,
      members: [place],
      isOpen: unsure.size > 0,
    }
    for (const other of unsure.keys()) other.isOpen = true
    open.set(group, unsure)
    groups.push(group)
    texts.push([answer])
  }
  const sorted = [...groups].sort(
    (a, b) => b.members.length - a.members.length || (a.members[0] ?? 0) - (b.members[0] ?? 0),
  )
  const undecided: GroupedAnswers['undecided'] = []
  for (const [group, unsure] of open)
    for (const [other, rule] of unsure)
      if (sorted.includes(group) && sorted.includes(other))
        undecided.push({ groups: [sorted.indexOf(other), sorted.indexOf(group)], rule })
  return { groups: sorted, undecided }
}

function merge(
  home: AnswerGroup,
  other: AnswerGroup,
  groups: AnswerGroup[],
  texts: string[][],
): void {
  const at = groups.indexOf(other)
  home.members = [...home.members, ...other.members].sort((a, b) => a - b)
  texts[groups.indexOf(home)]?.push(...(texts[at] ?? []))
  groups.splice(at, 1)
  texts.splice(at, 1)
}
