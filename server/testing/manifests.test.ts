import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bindRun, repairRun, unbindRun } from '#server/access/machine/binding-runs.ts'
import { beginEnd } from '#server/access/machine/binding-status.ts'
import { decide } from '#server/access/model/decide.ts'
import { sealText } from '#server/access/model/plan.ts'
import { renderPlan, renderUnbindPlan } from '#server/access/model/render-plan.ts'
import type { Draft } from '#server/lab/cluster/client.ts'
import { compileSchema } from '#server/lab/cluster/crd/schema/compile-schema.ts'
import type { Json } from '#server/lab/cluster/crd/schema/schema.ts'
import { validateCrd } from '#server/lab/cluster/crd/validate/validate-crd.ts'
import { loadManifests } from '#server/lab/cluster/manifests/load-manifests.ts'
import {
  admitTask,
  admitTaskRun,
  mutateTask,
  mutateTaskRun,
} from '#server/lab/cluster/tekton/validate/webhook.ts'
import { engineDeployment } from '#server/serving/tasks/engine-objects.ts'
import { startSimulation } from './access/binding-acts.ts'
import { finishRun, perform, worldOf, write } from './access/binding-simulation.ts'
import { sampleBinding, sampleService } from './access/sample-objects.ts'

const objects = loadManifests('manifests/overlays/embedded')
const base = loadManifests('manifests/base')

function find(kind: string, name: string): Draft {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name)
  if (!found) throw new Error(`There is no ${kind} ${name}.`)
  return structuredClone(found)
}

function schemaOf(name: string) {
  const [version] = find('CustomResourceDefinition', name).spec.versions
  return compileSchema(version.schema.openAPIV3Schema)
}

/** What the API server would say to a create, or to an update of `old`. */
function problems(crd: string, object: unknown, old?: unknown): string[] {
  const schema = schemaOf(crd)
  const json = structuredClone(object) as Json
  const unknown = schema.unknownFields(json)
  schema.applyDefaults(json)
  const causes = schema.validate(json, old === undefined ? undefined : (old as Json))
  return [...unknown, ...causes.map((cause) => `${cause.field}: ${cause.message}`)]
}

const bindings = 'modelbindings.bindery.dev'
const binding = () => JSON.parse(JSON.stringify(sampleBinding()))

describe('kinds', () => {
  test('the CRDs are such that an API server takes them', () => {
    for (const name of [bindings, 'modelservices.bindery.dev']) {
      expect(validateCrd(find('CustomResourceDefinition', name) as never)).toEqual([])
      expect(schemaOf(name).problems).toEqual([])
    }
  })

  test('the model service of the demo, and the one of the tests, fit the schema', () => {
    expect(problems('modelservices.bindery.dev', find('ModelService', 'vibethinker'))).toEqual([])
    expect(problems('modelservices.bindery.dev', sampleService())).toEqual([])
  })

  test('a binding fits; each wrong field is named', () => {
    expect(problems(bindings, binding())).toEqual([])
    const wrong: [string, object][] = [
      ['spec.alias', { alias: 'Not A Label' }],
      ['spec.alias', { alias: '9lives' }],
      ['spec.justification', { justification: 'short' }],
      ['spec.justification', { justification: 'x'.repeat(2001) }],
      ['spec.durationDays', { durationDays: 0 }],
      ['spec.strategy', { strategy: 'Magic' }],
      ['spec.quota.concurrency', { quota: { ...binding().spec.quota, concurrency: 0 } }],
      ['spec.surprise', { surprise: 1 }],
    ]
    for (const [field, spec] of wrong) {
      const said = problems(bindings, { ...binding(), spec: { ...binding().spec, ...spec } })
      expect(said.join('\n'), JSON.stringify(spec).slice(0, 80)).toContain(field)
    }
  })

  test('what was given back does not return, and the model service stays', () => {
    const before = binding()
    before.spec.released = true
    expect(problems(bindings, binding(), before).join()).toContain('does not return')
    const after = { ...before, spec: { ...before.spec, released: false } }
    expect(problems(bindings, after, before).join()).toContain('does not return')
    const other = binding()
    other.spec.modelService.name = 'other'
    expect(problems(bindings, other, binding()).join()).toContain('cannot be changed')
    expect(problems(bindings, before, binding())).toEqual([])
  })

  test('every status that the controller writes fits the schema', () => {
    const simulation = startSimulation()
    const check = () => {
      const json = JSON.parse(JSON.stringify(simulation.binding))
      expect(problems(bindings, json)).toEqual([])
    }
    const go = () => {
      for (let i = 0; i < 20; i += 1) {
        const world = worldOf(simulation)
        if (world) perform(simulation, world)
        for (const name of simulation.runs.keys()) finishRun(simulation, name, i !== 6)
        check()
      }
    }
    go()
    const asked = simulation.binding ?? sampleBinding()
    const input = {
      decision: 'approve' as const,
      digest: asked.status?.seal?.digest ?? '',
      generation: 1,
      comment: 'Go on.',
    }
    const status = decide(asked, sampleService(), input, 'grace', simulation.now)
    write(simulation, { ...asked, status })
    go()
    expect(simulation.binding?.status?.granted?.usableSince).toBeDefined()
    const granted = simulation.binding ?? sampleBinding()
    const end = { reason: 'Revoked' as const, by: 'grace', comment: '', generation: 1 }
    write(simulation, { ...granted, status: beginEnd(granted, end, simulation.now) })
    go()
    expect(simulation.binding?.status?.end?.provenAt).toBeDefined()
  })
})

describe('tasks', () => {
  test('Tekton takes the Tasks', () => {
    for (const task of [...objects, ...base].filter((one) => one.kind === 'Task')) {
      const copy = structuredClone(task) as never
      mutateTask(copy)
      expect(() => admitTask(copy)).not.toThrow()
    }
  })

  test('Tekton takes the runs, and their parameters are the Task’s', () => {
    const plan = sealText(renderPlan(sampleBinding(), sampleService(), 'cluster.local'))
    const unbind = sealText(renderUnbindPlan(sampleBinding(), sampleService(), 'cluster.local'))
    const runs = [
      bindRun('model-serving-prod', sampleBinding(), {
        step: 'create-bind-run',
        name: 'bind-x-1',
        plan,
        generation: 1,
        pending: true,
      }),
      repairRun('model-serving-prod', sampleBinding(), { name: 'mend-x-1-1', plan, generation: 1 }),
      unbindRun('model-serving-prod', sampleBinding(), {
        step: 'create-unbind-run',
        name: 'unbind-x-1-1',
        plan: unbind,
        reason: 'Revoked',
      }),
    ]
    for (const run of runs) {
      const declared = find('Task', run.spec.taskRef?.name ?? '').spec.params
      const given = (run.spec.params ?? []).map(({ name }) => name)
      expect(declared.map(({ name }: { name: string }) => name)).toEqual(
        expect.arrayContaining(given),
      )
      const needed = declared.filter((one: { default?: string }) => one.default === undefined)
      expect(given).toEqual(
        expect.arrayContaining(needed.map(({ name }: { name: string }) => name)),
      )
      const copy = structuredClone(run) as never
      mutateTaskRun(copy)
      expect(() => admitTaskRun(copy, undefined)).not.toThrow()
    }
  })
})

test('the command that Tekton is told is the entry point of our image', () => {
  const dockerfile = readFileSync('manifests/image/Dockerfile', 'utf8')
  const entryPoint = JSON.parse(
    /^FROM \S+ AS bindery$[\s\S]*?^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '',
  )
  for (const overlay of ['kind', 'production']) {
    const tasks = loadManifests(`manifests/overlays/${overlay}`).filter(
      ({ kind }) => kind === 'Task',
    )
    expect(tasks.length).toBeGreaterThan(3)
    for (const { spec } of tasks) expect(spec.stepTemplate.command).toEqual(entryPoint)
  }
})

describe('safety', () => {
  const every = [...objects, ...base]

  test('no role of ours has a wildcard, impersonates, or reads secrets', () => {
    for (const role of every.filter((one) => /^(Cluster)?Role$/.test(one.kind))) {
      for (const rule of role.rules) {
        const words = [...rule.verbs, ...rule.resources, ...rule.apiGroups]
        expect(words, `${role.kind} ${role.metadata.name}`).not.toContain('*')
        expect(words).not.toContain('impersonate')
        expect(words).not.toContain('secrets')
      }
    }
  })

  test('a started engine is shaped as the demo’s own', () => {
    const made = JSON.parse(
      JSON.stringify(
        engineDeployment({
          namespace: 'model-serving-prod',
          name: 'vibethinker-app',
          reference: 'x@sha256:0',
          command: [],
          gpus: 0,
        }),
      ),
    )
    const stands = find('Deployment', 'vibethinker-app')
    expect(made.metadata).toEqual(stands.metadata)
    expect(made.spec.selector).toEqual(stands.spec.selector)
    expect(made.spec.template.metadata).toEqual(stands.spec.template.metadata)
    expect(made.spec.template.spec.volumes).toEqual(stands.spec.template.spec.volumes)
    const resources = (one: Draft) => one.spec.template.spec.containers[0].resources
    expect(resources(made)).toEqual(resources(stands))
  })
})
