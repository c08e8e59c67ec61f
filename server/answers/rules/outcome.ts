export type Verdict = 'equal' | 'different' | 'undecided'
export type Outcome = { verdict: Verdict; rule: string }

export function equal(rule: string): Outcome {
  return { verdict: 'equal', rule }
}

export function different(rule: string): Outcome {
  return { verdict: 'different', rule }
}

export function open(rule: string): Outcome {
  return { verdict: 'undecided', rule }
}

/** Of parts that must all agree: one that differs decides, one that is undecided keeps the whole undecided. */
export function allOf(parts: Iterable<Outcome>, rule: string): Outcome {
  let left: Outcome | undefined
  for (const part of parts) {
    if (part.verdict === 'different') return different(rule)
    if (part.verdict === 'undecided') left ??= part
  }
  return left ?? equal(rule)
}
