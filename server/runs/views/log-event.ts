import type { LogLine, RunState, StepView } from './run.ts'
import type { LogContainer, LogGap } from './run-log-views.ts'

/**
 * `GET /api/runs/:namespace/:name/log`: rows in the order of the steps; with `?container=` those of one sidecar or init
 * container. The id is the cursor `step@timestamp#count~row`; it is given only where whole lines end.
 */
export type LogEvent =
  | { event: 'lines'; data: { lines: LogLine[] } }
  /** The rows before this one were not asked for. */
  | { event: 'tail'; data: { from: number } }
  | {
      event: 'steps'
      data: { state: RunState; steps: StepView[]; failedStep?: string; attempt: number }
    }
  /** What else ran in the pod and has a log of its own, to be asked for by `?container=`. */
  | { event: 'containers'; data: { containers: LogContainer[] } }
  | { event: 'gap'; data: LogGap }
  /** This reader takes rows more slowly than they come, and is so many behind; 0 once it has caught up. */
  | { event: 'behind'; data: { rows: number } }
  | { event: 'end'; data: { state: RunState; rows: number } }
