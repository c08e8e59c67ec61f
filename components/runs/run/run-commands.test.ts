import { expect, test } from 'vitest'
import type { AttemptView } from '#server/runs/views/run-detail-view.ts'
import { runCommands } from './run-commands.ts'

const attempts = ['run-pod', 'run-pod-retry1'].map((pod) => ({ pod }) as AttemptView)

test('what is on the page is had from a terminal too, as far as the cluster has it', () => {
  const run = { namespace: 'serving', name: 'run' }
  const yaml = 'kubectl -n serving get taskrun run -o yaml'
  expect(runCommands({ ...run, state: 'running' }, { attempts })?.split('\n')).toEqual([
    yaml,
    'kubectl -n serving logs -f run-pod-retry1 --all-containers --timestamps',
    'tkn -n serving taskrun logs -f run',
  ])
  expect(runCommands({ ...run, state: 'failed' }, { attempts })).not.toContain('-f')
  for (const state of ['cancelled', 'timed-out'] as const) {
    expect(runCommands({ ...run, state }, { attempts })).toBe(yaml)
  }
  expect(runCommands({ ...run, state: 'pending' }, { attempts: [] })).toBe(yaml)
  const goneAt = '2026-11-24T00:00:00Z'
  expect(runCommands({ ...run, state: 'failed', goneAt }, { attempts })).toBeUndefined()
})
