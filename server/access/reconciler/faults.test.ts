import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { rightsName } from '#server/access/model/binding-names.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { parseSealed, unbindPlanSchema } from '#server/access/model/plan.ts'
import { applyPlan } from '#server/access/tasks/apply-plan.ts'
import { removeTargets } from '#server/access/tasks/remove-targets.ts'
import { changeBinding } from '#server/access/verbs/change-binding.ts'
import { deleteBinding } from '#server/access/verbs/delete-binding.ts'
import { getBinding } from '#server/access/verbs/get-binding.ts'
import { releaseBinding } from '#server/access/verbs/release-binding.ts'
import { requestBinding } from '#server/access/verbs/request-binding.ts'
import { revokeBinding } from '#server/access/verbs/revoke-binding.ts'
import { withdrawChange } from '#server/access/verbs/withdraw-change.ts'
import { bindingState } from '#server/access/views/binding-view.ts'
import { NetworkPolicy, RoleBinding, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { labels, taskNames } from '#server/platform/model/names.ts'
import { paramOf } from '#server/runs/model/run-result.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { leftovers, type Moment, violations } from '#server/testing/access/binding-invariants.ts'
import { controllerScene, serving } from '#server/testing/access/controller-fixture.ts'
import { startFaultProxy } from '#server/testing/access/lost-write-proxy.ts'

/** What may go wrong is drawn anew at each run; a failure says with which seed. */
const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
const namespace = 'research-team-a'
/** Given back by who is stopped; no busy machine must take it from who leads. */
const leaseSeconds = 15
const scene = controllerScene()

const acts = ['approve', 'deny', 'less', 'more', 'extend', 'withdraw', 'release', 'revoke'] as const
type Act = (typeof acts)[number]

test(`whatever fails between controller and cluster, access rests on a decision and ends (seed ${seed})`, async () => {
  const directory = mkdtempSync(join(resolve('.bindery'), 'faults-'))
  const ending = new AbortController()
  const carrying = carryOutRuns(directory, ending.signal)
  // Integers without bias are even; doubles would be drawn by their bits, mostly close to nought.
  const draws = fc.sample(fc.noBias(fc.integer({ min: 0, max: 9_999 })), { seed, numRuns: 20_000 })
  let drawn = 0
  const random = () => (draws[drawn++ % draws.length] ?? 0) / 10_000
  const faults = await startFaultProxy(scene.kubeconfig(), random)
  let stop = await scene.startController({ faults, leaseSeconds })
  faults.setFaults(15)

  const stories = fc.sample(fc.array(fc.constantFrom(...acts), { minLength: 2, maxLength: 4 }), {
    seed,
    numRuns: 6,
  })
  const names = stories.map((_, index) => `fault-${index}`)
  const playing = Promise.all(stories.map((story, index) => live(names[index] ?? '', story)))
  const watching = watchInvariants(names, playing)
  await pause(1_500)
  // A controller that is killed in the middle of it, and another that takes over.
  await stop()
  stop = await scene.startController({ faults, leaseSeconds })
  await playing
  await watching

  faults.setFaults(0)
  expect(faults.counts().faults).toBeGreaterThan(20)
  // An end that failed is tried again after 10, 20 and 40 s.
  await vi.waitFor(() => assertSettled(names), { timeout: 120_000, interval: 200 })
  const grace = scene.person('grace', 'bindery-admins')
  await Promise.all(names.map((name) => deleteBinding(grace, { namespace, name }).catch(ignore)))
  await vi.waitFor(assertNothingLeft, { timeout: 120_000, interval: 200 })

  // Pods of runs still go for a moment, and the service is looked at for each of them.
  await vi.waitFor(
    async () => {
      const before = faults.counts().calls
      await pause(1_000)
      expect(faults.counts().calls - before, 'at rest, nothing is asked').toBe(0)
    },
    { timeout: 30_000 },
  )
  await stop()
  faults.stop()
  ending.abort()
  await carrying
  rmSync(directory, { recursive: true })
}, 420_000)

/** One binding from its request on; what is refused at a moment is what a person would be told. */
async function live(name: string, story: Act[]): Promise<void> {
  const ada = scene.person('ada', namespace)
  const grace = scene.person('grace', 'bindery-admins')
  const ref = { namespace, name }
  await requestBinding(ada, scene.wish(name))
  await scene.until(name, (view) => view.can.includes('decide'))
  for (const act of ['approve', ...story] as Act[]) {
    await pause(250)
    const { generation, asked } = await getBinding(grace, ref)
    await play(act).catch(ignore)

    async function play(what: Act): Promise<unknown> {
      switch (what) {
        case 'approve':
        case 'deny':
          return scene.decide(name, what)
        case 'less':
          return changeBinding(ada, { ...ref, generation, durationDays: asked.durationDays - 1 })
        case 'more':
          return changeBinding(ada, { ...ref, generation, durationDays: asked.durationDays + 5 })
        case 'extend':
          return changeBinding(ada, { ...ref, generation, extend: true })
        case 'withdraw':
          return withdrawChange(ada, ref)
        case 'release':
          return releaseBinding(ada, { ...ref, comment: '' })
        case 'revoke':
          return revokeBinding(grace, { ...ref, comment: '' })
      }
    }
  }
}

async function watchInvariants(names: string[], until: Promise<unknown>): Promise<void> {
  let over = false
  void until.finally(() => {
    over = true
  })
  while (!over) {
    for (const name of names) await assertSafe(name)
    await pause(100)
  }
}

async function assertSafe(name: string): Promise<ModelBinding | undefined> {
  // Runs first: what is released was decided before.
  const list = await scene.admin().list(TaskRun, { namespace: serving })
  const binding = await scene.admin().find(ModelBinding, { namespace, name })
  const uid = binding?.metadata.uid
  const own = list.filter((run) => run.metadata.labels?.[labels.bindingUid] === uid)
  const runs = new Map(own.map((run) => [run.metadata.name, run]))
  const none = new Set<string>()
  const rest = { serving: 'active' as const, rights: none, aliases: none, taken: none }
  const now = scene.admin().now()
  expect(violations({ binding, runs, now, policy: false, ...rest }), name).toEqual([])
  return binding
}

async function assertSettled(names: string[]): Promise<void> {
  for (const name of names) {
    const binding = await assertSafe(name)
    if (!binding) continue
    const state = bindingState(binding, scene.admin().now())
    const { conditions, end } = binding.status ?? {}
    expect(
      ['requested', 'denied', 'ready', 'ended'],
      `${name} is ${state}: ${JSON.stringify({ conditions, end })}`,
    ).toContain(state)
    expect(leftovers(await momentOf(binding)), name).toEqual([])
  }
}

/** The objects themselves, as they are: access has to be what is granted. */
async function momentOf(binding: ModelBinding): Promise<Moment> {
  const admin = scene.admin()
  const labelSelector = `${labels.bindingUid}=${binding.metadata.uid}`
  const at = { namespace, labelSelector }
  const policies = await admin.list(NetworkPolicy, { namespace: serving, labelSelector })
  const runs = await admin.list(TaskRun, { namespace: serving, labelSelector })
  const held = (await admin.list(RoleBinding, at)).map(({ metadata }) => metadata.name)
  const holders = (['binder', 'controller'] as const).filter((holder) =>
    held.includes(rightsName(binding, holder)),
  )
  const namesOf = async (selection: typeof at) =>
    new Set((await admin.list(Service, selection)).map(({ metadata }) => metadata.name))
  return {
    now: admin.now(),
    binding,
    runs: new Map(runs.map((run) => [run.metadata.name, run])),
    serving: 'active',
    rights: new Set<string>(holders),
    aliases: await namesOf(at),
    taken: await namesOf({ namespace, labelSelector: `!${labels.bindingUid}` }),
    policy: policies.length > 0,
  }
}

async function assertNothingLeft(): Promise<void> {
  expect(await scene.admin().list(ModelBinding, { namespace })).toEqual([])
  const labelSelector = labels.bindingUid
  const rights = await scene.admin().list(RoleBinding, { namespace, labelSelector })
  expect(rights.map(({ metadata }) => metadata.name)).toEqual([])
  for (const [kind, home] of [
    [Service, namespace],
    [NetworkPolicy, serving],
  ] as const) {
    const found = await scene.admin().list<KubeObject>(kind, { namespace: home, labelSelector })
    expect(found.map(({ metadata }) => metadata.name)).toEqual([])
  }
  const runs = await scene.admin().list(TaskRun, { namespace: serving, labelSelector })
  expect(runs.filter((run) => run.spec.status === 'TaskRunPending')).toEqual([])
}

/**
 * What the steps of runs do, with the binder's own rights and to real objects, but in this process: one for each step would
 * take too long. The run itself waits for it, and ends as it did.
 */
async function carryOutRuns(directory: string, signal: AbortSignal): Promise<void> {
  const script = `
while [ ! -f ${directory}/$(context.taskRun.name) ]; do sleep 0.1; done
[ "$(cat ${directory}/$(context.taskRun.name))" = done ] || exit 1
`
  const receipt = { at: '2026-11-24T08:00:00Z', address: 'http://x:1', model: 'm', firstTokenMs: 1 }
  const told = `printf '%s' '${JSON.stringify(receipt)}' > $(results.receipt.path)`
  await scene.shortTasks(script + told, script)
  const binder = await scene.as(serving, 'bindery-binder')
  const begun = new Set<string>()
  const carryOut = async (run: TaskRun): Promise<void> => {
    const { name } = run.metadata
    if (!run.status?.startTime || begun.has(name)) return
    begun.add(name)
    const ended = await stepsOf(binder, run).then(
      () => 'done',
      (error: Error) => error.message,
    )
    // Whole at once: the run looks for it all the time.
    writeFileSync(join(directory, `.${name}`), ended)
    renameSync(join(directory, `.${name}`), join(directory, name))
  }
  for await (const event of scene.admin().watch(TaskRun, { namespace: serving, signal })) {
    if (event.type === 'snapshot') for (const run of event.objects) void carryOut(run)
    if (event.type === 'upsert') void carryOut(event.object)
  }
}

async function stepsOf(binder: Kube, run: TaskRun): Promise<void> {
  const [text = '', digest = '', binding = ''] = ['plan', 'digest', 'binding'].map((name) =>
    paramOf(run, name),
  )
  if (run.spec.taskRef?.name === taskNames.unbind) {
    return removeTargets(binder, parseSealed(unbindPlanSchema, text, digest))
  }
  const repair = paramOf(run, 'repair') === 'true'
  return applyPlan(binder, { text, digest, binding, repair }, binder.now())
}

function ignore(): void {}
