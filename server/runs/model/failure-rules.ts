import type { RunView } from '#server/runs/views/run.ts'

/** Why a run failed, as far as what it left behind says. Each has its words in every language: `failures.RULE`. */
export type FailureRule =
  | 'image'
  | 'digest'
  | 'foreign'
  | 'notApproved'
  | 'cosign'
  | 'forbidden'
  | 'quota'
  | 'memory'
  | 'gpu'
  | 'unschedulable'
  | 'admission'
  | 'dns'
  | 'noTask'
  | 'params'
  | 'workspace'
  | 'account'
  | 'stepTimeout'
  | 'timeout'
  | 'unreachable'
  | 'noCommand'
  | 'exit'
  | 'missingObject'

/** Whose turn it is: who asked for the run, an administrator of Bindery, or whoever runs the cluster. */
export type FailureTurn = 'starter' | 'admin' | 'cluster'

export type Failure = {
  rule: FailureRule
  turn: FailureTurn
  values: Record<string, string>
  /** The row of the log that says so. */
  row?: number
}

export type FailureFacts = {
  run: Pick<RunView, 'state' | 'reason' | 'message' | 'steps' | 'failedStep'>
  /** Of the step that failed: rows as a person reads them, in their order. */
  lines: readonly { row: number; text: string }[]
  /** Of the run and its pod, the oldest first. */
  events?: readonly { reason: string; message: string }[]
}

type Rule = {
  rule: FailureRule
  turn: FailureTurn
  /** Looked for in the run's own message, in its events, then in the log. Named groups become values. */
  says?: RegExp
  /** Where nothing has to be said: what the run's state alone shows. */
  shows?: (run: FailureFacts['run']) => Record<string, string> | undefined
}

/** Of a long log, the lines that a rule could know: one look at each before all rules have theirs. */
export function mayExplain(text: string): boolean {
  return telling.test(text)
}

const telling =
  /image|does not belong to this binding|not the one that was approved|Nobody has approved|since the plan was sealed|signature|denied the request|AdmissionPolicy|quota|cannot \S+ resource|memory|OOMKilled|nodes are available|ENOTFOUND|EAI_AGAIN|no such host|resolve host|bad address|name resolution|not found|input params|workspace|Gave up after|ECONNREFUSED|ETIMEDOUT|connection refused|ErrImagePull|PullImageFailed/i

/** What a kubelet says while it waits for an object that is not there. */
const startRules: Rule[] = [
  {
    rule: 'missingObject',
    turn: 'admin',
    says: /(?<kind>configmap|secret|persistentvolumeclaim) "(?<object>[^"]+)" not found/i,
  },
  {
    rule: 'missingObject',
    turn: 'admin',
    says: /references non-existent (?<kind>config|secret) key: (?<object>\S+)/,
  },
]

/** The first rule that holds explains the run: what is sure stands before what is general. */
const rules: Rule[] = [
  {
    rule: 'image',
    turn: 'starter',
    says: /Container image \\*"(?<image>[^"\\]+)\\*" is not present|(?:Failed to pull|pulling) image \\*"(?<pulled>[^"\\]+)/,
  },
  {
    rule: 'image',
    turn: 'starter',
    says: /ImagePullFailed|PullImageFailed|ErrImagePull|ImagePullBackOff|InvalidImageName/,
  },
  {
    rule: 'foreign',
    turn: 'starter',
    says: /Namespace (?<namespace>\S+) already has a (?<kind>\S+) (?<object>\S+) that does not belong to this binding/,
  },
  { rule: 'digest', turn: 'admin', says: /The plan is not the one that was approved/ },
  {
    rule: 'notApproved',
    turn: 'admin',
    says: /Nobody has approved this plan|made anew since the plan was sealed/,
  },
  {
    rule: 'cosign',
    turn: 'starter',
    says: /no (?:matching )?signatures(?: found)?|no signatures found|invalid signature when validating|failed to verify signature|signature mismatch/i,
  },
  {
    rule: 'admission',
    turn: 'admin',
    says: /(?:admission webhook "(?<webhook>[^"]+)" denied the request|ValidatingAdmissionPolicy '(?<policy>[^']+)')[^:]*:? ?(?<why>[^\n]{0,300})/,
  },
  {
    rule: 'quota',
    turn: 'cluster',
    says: /exceeded quota: (?<quota>[^,\s]+)(?:, requested: (?<requested>\S+), used: (?<used>\S+), limited: (?<limited>[^\s"]+))?|ExceededResourceQuota/,
  },
  {
    rule: 'forbidden',
    turn: 'admin',
    says: /User "(?<user>[^"]+)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)"| at the cluster scope)/,
  },
  {
    rule: 'memory',
    turn: 'admin',
    shows: ({ steps, failedStep }) => {
      const step = steps.find(({ name }) => name === failedStep)
      return step?.reason === 'OOMKilled' || step?.exitCode === 137 ? {} : undefined
    },
    says: /\bOOMKilled\b|CUDA out of memory|JavaScript heap out of memory|Cannot allocate memory/,
  },
  {
    rule: 'gpu',
    turn: 'cluster',
    says: /0\/(?<nodes>\d+) nodes are available:[^\n]*Insufficient (?<resource>\S*gpu\S*?)[.,;]/i,
  },
  {
    rule: 'unschedulable',
    turn: 'cluster',
    says: /0\/(?<nodes>\d+) nodes are available: (?<why>[^\n]{0,300})/,
  },
  {
    rule: 'dns',
    turn: 'cluster',
    says: /(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<host>\S+)|lookup (?<name>\S+?)(?: on \S+)?: no such host|[Cc]ould not resolve host:? (?<asked>\S+)|bad address '(?<bad>[^']+)'|Temporary failure in name resolution)/,
  },
  { rule: 'noTask', turn: 'admin', says: /tasks\.tekton\.dev "(?<task>[^"]+)" not found/ },
  {
    rule: 'params',
    turn: 'starter',
    says: /invalid input params for task (?<task>\S+): (?<why>[^\n]{0,300})/,
  },
  {
    rule: 'workspace',
    turn: 'starter',
    says: /declared workspace "(?<workspace>[^"]+)" is required but has not been bound/,
  },
  { rule: 'account', turn: 'admin', says: /serviceaccounts "(?<account>[^"]+)" not found/ },
  {
    rule: 'timeout',
    turn: 'starter',
    shows: ({ state, message }) =>
      state === 'timed-out'
        ? { limit: /failed to finish within "([^"]+)"/.exec(message)?.[1] ?? '' }
        : undefined,
  },
  {
    rule: 'stepTimeout',
    turn: 'starter',
    shows: ({ steps, failedStep, reason }) => {
      const step = steps.find(({ name }) => name === failedStep)
      const timedOut = step?.reason === 'TimeoutExceeded' || reason === 'StepTimeout'
      return step && timedOut ? {} : undefined
    },
    says: /Gave up after (?<limit>\d+) seconds/,
  },
  {
    rule: 'unreachable',
    turn: 'cluster',
    says: /connect ECONNREFUSED (?<address>\S+)|dial tcp (?<dialled>\S+): connect: connection refused|connect ETIMEDOUT (?<waited>\S+)/,
  },
  {
    rule: 'noCommand',
    turn: 'starter',
    shows: ({ steps, failedStep }) => {
      const step = steps.find(({ name }) => name === failedStep)
      return step?.exitCode === 127 || step?.exitCode === 126
        ? { code: String(step.exitCode) }
        : undefined
    },
  },
  {
    rule: 'exit',
    turn: 'starter',
    shows: ({ steps, failedStep }) => {
      const step = steps.find(({ name }) => name === failedStep)
      return step?.exitCode ? { code: String(step.exitCode) } : undefined
    },
  },
]

/** Explains why a pod does not start, by the newest warning that a rule knows; `event` is the newest of all. */
export function explainStart<E extends { reason: string; message: string; warning: boolean }>(
  run: FailureFacts['run'],
  events: readonly E[],
): { event: E; failure?: Failure } | undefined {
  const warnings = events.filter(({ warning }) => warning).reverse()
  for (const event of warnings) {
    const facts = {
      run: { ...run, message: '', reason: '', steps: [] },
      lines: [],
      events: [event],
    }
    for (const { rule, turn, says } of [...startRules, ...rules]) {
      const said = says && findSaid(says, facts)
      if (said) return { event, failure: { rule, turn, values: said.values } }
    }
  }
  const [newest] = warnings
  return newest && { event: newest }
}

/** Explains a run that failed, always the same for the same facts; undefined where no rule knows it. */
export function explainFailure(facts: FailureFacts): Failure | undefined {
  const { state } = facts.run
  if (state !== 'failed' && state !== 'timed-out') return undefined
  for (const { rule, turn, says, shows } of rules) {
    const shown = shows?.(facts.run)
    const said = says && findSaid(says, facts)
    if (!shown && !said) continue
    const step = facts.run.failedStep
    const values = { ...(step ? { step } : {}), ...said?.values, ...shown }
    return { rule, turn, values, ...(said?.row === undefined ? {} : { row: said.row }) }
  }
  return undefined
}

function findSaid(
  pattern: RegExp,
  { run, lines, events = [] }: FailureFacts,
): { values: Record<string, string>; row?: number } | undefined {
  const texts = [run.message, run.reason, ...run.steps.map(({ message }) => message ?? '')]
  for (const text of [...texts, ...events.map(({ reason, message }) => `${reason}: ${message}`)]) {
    const match = pattern.exec(text)
    if (match) return { values: valuesOf(match) }
  }
  for (const { row, text } of lines) {
    const match = pattern.exec(text)
    if (match) return { values: valuesOf(match), row }
  }
  return undefined
}

/** Named groups that say the same in other words are one value. */
const sameAs: Record<string, string> = {
  pulled: 'image',
  name: 'host',
  asked: 'host',
  bad: 'host',
  dialled: 'address',
  waited: 'address',
  policy: 'webhook',
}

function valuesOf(match: RegExpExecArray): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(match.groups ?? {})) {
    if (value !== undefined) values[sameAs[name] ?? name] = value.trim()
  }
  return values
}
