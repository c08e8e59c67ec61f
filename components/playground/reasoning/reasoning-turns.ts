export const turnKinds = ['case', 'step', 'doubt', 'check', 'other-way', 'conclusion'] as const

/** What a thought does at its beginning: opens a case, doubts, checks, tries another way, concludes. */
export type TurnKind = (typeof turnKinds)[number]

export type Turn = { block: number; kind: TurnKind; text: string }

const textCharsMax = 90

const patterns: [TurnKind, RegExp][] = [
  ['case', /^(?:sub)?case\s+(?:\d|[ivx]+\b|[a-z]\b|[:$(])|^情况|^情形/i],
  ['step', /^(?:step\s+\d|第.{1,3}步)/i],
  [
    'doubt',
    /^(?:but |oh,? |no,? )?(?:wait|hmm+|hold on|actually|oops|that(?:'s| is|’s) (?:not|wrong))\b|^等等|^不对/i,
  ],
  [
    'check',
    /^(?:now,? |so,? |okay,? )?(?:let me|let's|let’s|i(?:'ll| will| should|’ll)|to) (?:just )?(?:verify|check|double[- ]check|re-?check|confirm|test|make sure)\b|^(?:verif|check)|^验证|^检查/i,
  ],
  [
    'other-way',
    /^(?:alternatively|another (?:way|approach|method|idea)|(?:maybe|perhaps) (?:i|we) (?:can|could|should)|let me (?:try|think|consider|approach)|instead)\b|^换/i,
  ],
  [
    'conclusion',
    /^(?:therefore|thus|hence|consequently|in conclusion|so,? (?:the )?(?:final )?(?:answer|result)|the (?:final )?answer)\b|^因此|^所以|^综上/i,
  ],
]

/** The turns in one block, found at the beginnings of its lines; headings and emphasis before them do not count. */
export function turnsOf(block: string, index: number): Turn[] {
  const turns: Turn[] = []
  for (const line of block.split('\n')) {
    const text = line.replace(/^[\s#>*_\-\d.)]+(?=\S)/, '')
    const kind = patterns.find(([, pattern]) => pattern.test(text))?.[0]
    if (kind) turns.push({ block: index, kind, text: shortened(text) })
  }
  return turns
}

function shortened(text: string): string {
  const plain = text.replaceAll('**', '').trim()
  if (plain.length <= textCharsMax) return plain
  const space = plain.lastIndexOf(' ', textCharsMax)
  return `${plain.slice(0, space > 20 ? space : textCharsMax)}…`
}
