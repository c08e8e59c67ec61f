import {
  asRun,
  type Declarations,
  review,
  signedIn,
} from '#server/platform/model/route-declaration.ts'

const runs = 'taskruns.tekton.dev'

/** Runs, their logs, and the Tasks that they are of. */
export const runDeclarations = {
  'GET /api/runs': { access: signedIn, says: 'runs' },
  'GET /api/runs/older': {
    access: signedIn,
    says: 'runs that are gone, from before those in the list',
    sampleQuery: 'before=2026-01-01T00:00:00Z&name=x',
  },
  'POST /api/runs': {
    access: review('create', runs, 'serving'),
    says: 'start a run of a task',
    sampleBody: { task: 'start-vibethinker-service', params: {}, why: 'An update of the engine.' },
  },
  'POST /api/runs/preview': {
    access: review('create', runs, 'serving'),
    says: 'what a start would send',
    sampleBody: { task: 'start-vibethinker-service', params: {}, why: 'An update of the engine.' },
  },
  'GET /api/runs/:namespace/:name': { access: asRun, says: 'one run' },
  'GET /api/runs/:namespace/:name/detail': {
    access: asRun,
    says: 'its attempts, its events, and what exactly ran',
  },
  'DELETE /api/runs/:namespace/:name': {
    access: review('delete', runs, 'path'),
    says: 'remove a run that has ended',
  },
  'POST /api/runs/:namespace/:name/cancel': {
    access: review('patch', runs, 'path'),
    says: 'cancel a run',
    sampleBody: { why: 'Started by mistake.' },
  },
  'POST /api/runs/:namespace/:name/rerun': {
    access: review('create', runs, 'path'),
    says: 'run the same again',
    sampleBody: { why: 'The image is there now.' },
  },
  'GET /api/runs/:namespace/:name/log': { access: asRun, says: 'its log, live', stream: true },
  'GET /api/runs/:namespace/:name/log.txt': {
    access: asRun,
    says: 'its log, as a file',
    stream: true,
  },
  'GET /api/runs/:namespace/:name/log/lines': { access: asRun, says: 'a range of its log' },
  'GET /api/runs/:namespace/:name/log/search': {
    access: asRun,
    says: 'where in its log something stands',
    sampleQuery: 'q=error',
  },

  'GET /api/tasks/:namespace/:name': {
    access: review('get', 'tasks.tekton.dev', 'path'),
    says: 'one task, with its YAML',
  },
  'GET /api/tasks': { access: review('list', 'tasks.tekton.dev', 'serving'), says: 'tasks' },
} as const satisfies Declarations
