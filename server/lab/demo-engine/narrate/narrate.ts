import type { Solution, Style } from '#server/lab/demo-engine/solve/solution.ts'

export type Answer = { thinking: string; content: string }

/** Makes the two parts of an answer of a solution: what is thought aloud, and what is handed over. */
export function narrate(solution: Solution, style: Style): Answer {
  const openings = [
    `Okay, I need to ${solution.task}.`,
    `Let me see. The task is to ${solution.task}.`,
    `Alright, so I have to ${solution.task}. Let me go step by step.`,
    `First, what is asked? I should ${solution.task}.`,
  ] as const
  const doubts = [
    'Wait, let me verify that before I answer.',
    'Hmm, let me double-check this.',
    'Wait. Is that right? Let me check it.',
    'Let me verify the result before writing it down.',
  ] as const
  const endings = [
    'Good, that fits. Now I can write the answer.',
    'Everything checks out, so this is the answer.',
    'So I am confident in it.',
  ] as const
  const thinking = [
    style.pick(openings),
    ...solution.thinking,
    style.pick(doubts),
    ...solution.check,
    style.pick(endings),
  ]
  const headings = ['**Solution.**', '**Step by step.**', '### Solution'] as const
  const proofs = ['**Check.**', '**Verification.**'] as const
  const content = [
    style.pick(headings),
    ...solution.answer,
    ...(solution.boxed
      ? [`${style.pick(proofs)} ${solution.check[0] ?? ''}`, `$$\\boxed{${solution.boxed}}$$`]
      : []),
  ]
  return { thinking: joined(thinking), content: joined(content) }
}

/** What the engine says of itself, when it is asked for something that it cannot do. */
export function introduce(reason: string): Answer {
  return {
    thinking: joined([
      'Let me look for a problem that I can compute in this message.',
      reason,
      'I had better say what I am, rather than make something up.',
    ]),
    content: joined([
      reason,
      "I am **Bindery's demo engine**: a computer algebra program, not a language model, and not VibeThinker-1.5B. I stand in for the model where there is no GPU, so that everything around it can be tried.",
      'What I can really do:',
      [
        '- arithmetic: `2^100 + 3/4`, `15% of 240`',
        '- equations: `Solve x^2 - 5x + 6 = 0`, systems of linear equations, polynomials',
        '- calculus: `What is the derivative of x^2 sin(x)?`, $\\int_0^1 x^2\\,dx$',
        '- whole numbers: `Is 9991 prime?`, `gcd(84, 36)`, `3^200 mod 13`',
        '- sums and counting: $\\sum_{k=1}^{100} k$, `10 choose 3`',
        '- a handful of Python programs: two sum, Fibonacci, sieve, binary search, merge sort',
      ].join('\n'),
    ]),
  }
}

function joined(paragraphs: string[]): string {
  return paragraphs
    .filter((paragraph) => paragraph !== '')
    .map(displayed)
    .join('\n\n')
}

/** Markdown takes a formula for a displayed one only where the dollars stand on lines of their own. */
export function displayed(paragraph: string): string {
  return paragraph.replace(/\s*\$\$([^$]+)\$\$\s*/g, '\n\n$$$$\n$1\n$$$$\n\n').trim()
}
