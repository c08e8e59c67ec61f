import { expect, test } from 'vitest'
import { annotations } from '#server/platform/model/names.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { play } from '#server/testing/access/binding-acts.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
  withStatus,
} from '#server/testing/access/binding-stories.ts'
import { bindingEvents, cancelAsked, deleteAsked, runDeleted, runEvents } from './audit-events.ts'
import type { AuditEvent, AuditWhat } from './audit-record.ts'

const now = new Date('2026-11-24T09:00:00Z')
const at = '2026-11-24T08:30:00Z'
const by = { by: 'grace', at, comment: 'So be it.', requestId: 'number-of-grace' }
const said = { who: 'grace', at, why: 'So be it.', requestId: 'number-of-grace' }

function find(events: AuditEvent[], what: AuditWhat): AuditEvent | undefined {
  return events.find((one) => one.what === what)
}

test('what people did is told with who, when, why and the number of their request', () => {
  const annotated = {
    [annotations.requestedBy]: 'ada',
    [annotations.signedBy]: 'argo-cd',
    [annotations.requestId]: 'number-of-ada',
  }
  const asked = bindingIn(askedSimulation())
  const binding = { ...asked, metadata: { ...asked.metadata, annotations: annotated } }
  const { digest } = asked.status!.seal!
  const told = bindingEvents(
    withStatus(binding, {
      decisions: [{ ...by, decision: 'deny', generation: 1, digest }],
      terms: { ...by, generation: 1, durationDays: 7 },
      move: { ...by, ring: 'canary' },
      retry: { run: 'bind-x-1-1', by: 'grace', at, requestId: 'number-of-grace' },
      end: { ...by, generation: 1, reason: 'Revoked', run: 'unbind-x', provenAt: at },
    }),
    now,
  )
  const uid = asked.metadata.uid ?? ''
  for (const one of told) {
    expect(one.key.startsWith(`binding/${uid}/`)).toBe(true)
    expect(one).toMatchObject({ on: { kind: 'ModelBinding', name: 'vibethinker', uid } })
    expect(one.binding).toEqual({ namespace: 'research-team-a', name: 'vibethinker' })
  }
  expect(find(told, 'requested')).toMatchObject({
    ...{ who: 'ada', at: '2026-11-24T08:00:00Z', requestId: 'number-of-ada' },
    why: asked.spec.justification,
    details: {
      ...{ generation: 1, alias: 'vibethinker-gateway', durationDays: 30, concurrency: 2 },
      signedBy: 'argo-cd',
    },
  })
  const sealed = find(told, 'sealed')
  expect(sealed).toMatchObject({ who: 'bindery:controller', digest })
  expect(sealed?.requestId).toBeUndefined()
  expect(find(told, 'denied')).toMatchObject({ ...said, digest, details: { automatic: false } })
  expect(find(told, 'terms-offered')).toMatchObject({ ...said, details: { durationDays: 7 } })
  expect(find(told, 'ring-move-asked')).toMatchObject({ ...said, details: { ring: 'canary' } })
  const { why: _, ...silent } = said
  expect(find(told, 'retry-asked')).toMatchObject({ ...silent, details: { run: 'bind-x-1-1' } })
  const why = 'Revoked by grace. So be it.'
  expect(find(told, 'revoked')).toMatchObject({ ...said, why, details: { run: 'unbind-x' } })
  expect(find(told, 'ended')).toMatchObject({ who: 'bindery:controller', at, why })
})

test('a grant is told with who approved it and what it says, also one that was replaced', () => {
  const simulation = readySimulation()
  const ready = bindingIn(simulation)
  const { granted, receipt } = ready.status!
  const told = bindingEvents(ready, now)
  expect(find(told, 'granted')).toMatchObject({
    ...{ who: 'grace', at: granted!.approvedAt, digest: granted!.digest },
    details: { approvers: ['grace'], ring: 'stable', durationDays: 30 },
  })
  expect(find(told, 'usable')).toMatchObject({
    at: receipt!.at,
    details: { run: receipt!.run, expiresAt: granted!.expiresAt },
  })
  const past = { ...granted!, generation: 0, until: at, why: 'Replaced' as const }
  const both = bindingEvents(withStatus(ready, { history: [past] }), now)
  expect(both.filter(({ what }) => what === 'granted')).toHaveLength(2)

  play(simulation, { act: 'withdraw' })
  play(simulation, { act: 'change', alias: 'other', slice: false })
  expect(find(bindingEvents(bindingIn(simulation), now), 'changed')?.at).toBe(now.toISOString())
  play(simulation, { act: 'withdraw' })
  expect(find(bindingEvents(bindingIn(simulation), now), 'withdrawn')?.who).toBe('ada')
})

test('who had something deleted is told where that is known, and once', () => {
  const binding = bindingIn(readySimulation())
  const asked = { who: 'ada', at, requestId: 'number-of-ada' }
  const end = { ...by, by: 'ada', requestId: 'number-of-ada', generation: 1 }
  const ending = withStatus(binding, { end: { ...end, reason: 'Deleted' } })
  const told = bindingEvents(ending, now)
  expect(find(told, 'delete-asked')).toEqual(deleteAsked(binding, asked))
  expect(told.map(({ what }) => what)).not.toContain('revoked')
  const deletionTimestamp = at
  const kubectl = { ...binding, metadata: { ...binding.metadata, deletionTimestamp } }
  expect(find(bindingEvents(kubectl, now), 'delete-asked')).toMatchObject({ who: 'unknown', at })
  expect(find(bindingEvents(kubectl, now), 'requested'), 'nothing is asked').toBeUndefined()
})

test('a run goes by the request that it was made for, and what is done to it by another', () => {
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      ...{ namespace: 'model-serving-prod', name: 'start-1', uid: 'run-uid' },
      creationTimestamp: at,
      annotations: {
        [annotations.startedBy]: 'grace',
        [annotations.requestId]: 'number-of-grace',
        [annotations.reason]: 'Newer weights.',
      },
    },
    spec: { taskRef: { name: 'start-vibethinker-service' } },
  }
  expect(runEvents(run)).toMatchObject([
    { ...said, what: 'run-started', why: 'Newer weights.', key: 'run/run-uid/started' },
  ])
  const who = { who: 'henry', at: now.toISOString(), requestId: 'number-of-henry' }
  expect(cancelAsked(run, { ...who, why: 'Wrong one.' })).toMatchObject({
    ...who,
    why: 'Wrong one.',
  })
  expect(runDeleted(run, who)).toMatchObject(who)
  const unknown = { who: 'unknown', at: now.toISOString() }
  expect(runDeleted(run, unknown).requestId, 'of kubectl nothing is known').toBeUndefined()
  expect(runEvents({ ...run, spec: { ...run.spec, status: 'TaskRunPending' } })).toEqual([])
})
