import type { Verdict } from '#server/answers/rules/outcome.ts'

/** Two answers, what comparing them gives, and where it matters the rule that says so. By kind. */
export type PairTable = Record<string, [a: string, b: string, verdict: Verdict, rule?: string][]>
