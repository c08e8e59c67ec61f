import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { controllerMetrics } from '#server/access/reconciler/controller-metrics.ts'
import { gatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import type { Draft, KubeObject } from '#server/lab/cluster/client.ts'
import { loadManifests } from '#server/lab/cluster/manifests/load-manifests.ts'
import { includesPort, reachablePorts } from '#server/lab/cluster/network/network-policy.ts'
import { outboxMetrics } from '#server/notices/outbox-metrics.ts'
import { httpMetrics } from '#server/platform/http/http-metrics.ts'
import { dashboardText } from '#server/processes/dashboard/make-dashboard.ts'
import { rows } from '#server/processes/dashboard/panels.ts'
import { archiveMetrics } from '#server/runs/log/archive/archive-metrics.ts'
import { engineDeployment, engineService } from '#server/serving/tasks/engine-objects.ts'

const component = loadManifests('manifests/components/monitoring')
const base = loadManifests('manifests/base')
const engine = { namespace: 'model-serving-prod', name: 'vibethinker-app' }
const started = { ...engine, reference: 'vllm@sha256:a', command: [], gpus: 1 }
const workloads = [...base, asDraft(engineDeployment(started))].filter(
  ({ kind }) => kind === 'Deployment',
)
const services = [...component, asDraft(engineService(started))].filter(
  ({ kind }) => kind === 'Service',
)

function asDraft(object: unknown): Draft {
  return JSON.parse(JSON.stringify(object))
}

/** Each workload's pods, as one that runs. */
function podOf({ metadata, spec }: Draft): KubeObject {
  const { namespace, name } = metadata
  return {
    ...spec.template,
    metadata: { ...spec.template.metadata, namespace, name },
  }
}

const matches = (labels: Record<string, string> = {}, wanted: Record<string, string> = {}) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value)

test('every process and every engine is scraped once, at the port where it measures', () => {
  const scraped: string[] = []
  for (const { spec, metadata } of component.filter(({ kind }) => kind === 'ServiceMonitor')) {
    const namespaces = spec.namespaceSelector?.matchNames ?? [metadata.namespace]
    for (const service of services) {
      if (!namespaces.includes(service.metadata.namespace)) continue
      if (!matches(service.metadata.labels, spec.selector.matchLabels)) continue
      for (const { metadata, spec: of } of workloads.filter(
        ({ metadata }) => metadata.namespace === service.metadata.namespace,
      )) {
        if (!matches(of.template.metadata.labels, service.spec.selector)) continue
        for (const { port, path } of spec.endpoints) {
          const through = service.spec.ports.find(({ name }: { name: string }) => name === port)
          const [{ ports }] = of.template.spec.containers
          const target = ports.find(
            (one: { name: string; containerPort: number }) =>
              one.name === through?.targetPort || one.containerPort === through?.targetPort,
          )
          scraped.push(
            `${metadata.name}:${target?.containerPort}${path} as ${service.metadata.labels?.[spec.jobLabel]}`,
          )
        }
      }
    }
  }
  expect(scraped.sort()).toEqual([
    'bindery-controller:8081/metrics as bindery-controller',
    'bindery-gateway:8081/metrics as bindery-gateway',
    'bindery-web:8081/metrics as bindery-web',
    'vibethinker-app:8000/metrics as vibethinker-app',
  ])
})

test('it is Prometheus who is let through for it, and nobody else', () => {
  const world = {
    policies: [...base, ...component].filter(
      ({ kind }) => kind === 'NetworkPolicy',
    ) as KubeObject[],
    namespaceLabels: (name: string) => ({ 'kubernetes.io/metadata.name': name }),
  }
  const caller = (namespace: string, labels: Record<string, string>): KubeObject =>
    ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'x', labels } }) as KubeObject
  const prometheus = { 'app.kubernetes.io/name': 'prometheus' }
  const ways = (from: KubeObject) =>
    workloads.flatMap((workload) => {
      const open = reachablePorts(world, from, podOf(workload))
      const ports = [8000, 8080, 8081].filter((port) => includesPort(open, port))
      return ports.map((port) => `${workload.metadata.name}:${port}`)
    })
  expect(ways(caller('monitoring', prometheus)).sort()).toEqual([
    'bindery-controller:8081',
    'bindery-gateway:8081',
    'bindery-web:8081',
    'vibethinker-app:8000',
  ])
  expect(ways(caller('monitoring', {}))).toEqual([])
  expect(ways(caller('research-team-a', prometheus))).toEqual([])
})

/** By name, as Prometheus knows them: the labels of each series that our processes have. */
async function measuredSeries(): Promise<Map<string, string[]>> {
  const registry = new Registry()
  controllerMetrics(registry)
  archiveMetrics(registry)
  outboxMetrics(registry, () => undefined)
  gatewayMetrics(registry)
  httpMetrics(registry)
  const measured = new Map<string, string[]>()
  const told = await registry.getMetricsAsJSON()
  for (const metric of registry.getMetricsAsArray()) {
    const { labelNames = [] } = metric as { labelNames?: string[] }
    const { name, type } = told.find((one) => one.name === metric.name) ?? { name: '', type: '' }
    measured.set(name, labelNames)
    if (`${type}` !== 'histogram') continue
    measured.set(`${name}_bucket`, [...labelNames, 'le'])
    for (const end of ['_sum', '_count']) measured.set(`${name}${end}`, labelNames)
  }
  return measured
}

function labelsIn(expr: string): string[] {
  return [...expr.matchAll(/\{(\w+)=|by \(([^)]*)\)/g)].flatMap(([, one, many = '']) =>
    one ? [one] : many.split(/,\s*/),
  )
}

function seriesIn(expr: string): string[] {
  return [...expr.matchAll(/\bbindery_\w+/g)].map(([name]) => name)
}

test('every query of the dashboard asks for what is measured, by labels that it has, and nothing measured is missing', async () => {
  const measured = await measuredSeries()
  const queries = rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries))
  for (const [expr, legend] of queries) {
    const asked = seriesIn(expr)
    expect(asked.length, expr).toBeGreaterThan(0)
    for (const name of asked) expect([...measured.keys()], expr).toContain(name)
    const has = asked.flatMap((name) => measured.get(name) ?? [])
    const given = labelsIn(expr)
    for (const label of given) expect(has, expr).toContain(label)
    const told = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label)
    for (const label of told) expect(given, expr).toContain(label)
  }
  const shown = queries.flatMap(([expr]) =>
    seriesIn(expr).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
  )
  const ours = [...measured.keys()].filter((name) => !/_(bucket|sum|count)$/.test(name))
  // How many streams were opened, and up to which record, is for those who look into a fault.
  const apart = ['bindery_web_streams_opened_total', 'bindery_audit_verified_records']
  expect([...new Set([...shown, ...apart])].sort()).toEqual(ours.sort())
})

test('the dashboard that is applied is the one that the program prints', () => {
  const applied = component.find(({ metadata }) => metadata.name === 'bindery-dashboard')
  // Where it is not: npx tsx server/processes/main.ts dashboard --config-map > manifests/components/monitoring/dashboard.yaml
  expect(applied?.data).toEqual({ 'bindery.json': dashboardText() })
})

test('every alert asks for what our processes really measure, by labels that they have', async () => {
  const measured = await measuredSeries()
  const rules = component
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap(({ spec }) => spec.groups.flatMap(({ rules }: { rules: Draft[] }) => rules))
  const runbook = readFileSync('manifests/OPERATE.md', 'utf8')
  expect(rules.map(({ alert }) => alert)).toEqual(
    [...runbook.matchAll(/^\| (Bindery\w+) \|/gm)].map(([, alert]) => alert),
  )
  for (const { alert, expr, annotations } of rules) {
    const asked = seriesIn(expr)
    expect(asked.length, alert).toBeGreaterThan(0)
    for (const name of asked) expect([...measured.keys()], alert).toContain(name)
    const has = asked.flatMap((name) => measured.get(name) ?? [])
    const given = labelsIn(expr)
    const told = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name)
    for (const label of given) expect(has, `${alert} ${label}`).toContain(label)
    for (const label of told) expect(given, `${alert} ${label}`).toContain(label)
  }
})
