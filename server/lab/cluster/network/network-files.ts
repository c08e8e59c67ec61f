import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterNames } from './cluster-names.ts'
import { type ClusterState, isLive } from './cluster-state.ts'
import { allPorts, isIsolated, type PortRanges, reachablePorts } from './network-policy.ts'

/** The files that preload.cjs reads in every pod: names.json, and who may connect to each pod's address. */
export type NetworkFiles = {
  readonly directory: string
  update(state: ClusterState): void
}

export function networkFiles(directory: string): NetworkFiles {
  mkdirSync(directory, { recursive: true })
  const written = new Map<string, string>()

  function write(name: string, text: string) {
    if (written.get(name) === text) return
    written.set(name, text)
    // Readers see the old file or the new one, never half of it.
    writeFileSync(join(directory, `${name}.next`), text)
    renameSync(join(directory, `${name}.next`), join(directory, name))
  }

  return {
    directory,
    update(state) {
      const names = clusterNames(
        state.objects('services'),
        state.objects('endpointslices.discovery.k8s.io'),
      )
      write('names.json', JSON.stringify(names))

      const kept = new Set(['names.json'])
      for (const [ip, rules] of admissions(state)) {
        kept.add(`${ip}.json`)
        write(`${ip}.json`, JSON.stringify(rules))
      }
      for (const name of written.keys())
        if (!kept.has(name)) {
          written.delete(name)
          rmSync(join(directory, name), { force: true })
        }
    },
  }
}

type Admission = { isolated: boolean; from: Record<string, PortRanges> }

/** Per pod address who may connect to which ports; only what differs from the default is listed. */
function admissions(state: ClusterState): Map<string, Admission> {
  const found = new Map<string, Admission>()
  if (state.policies.length === 0) return found
  const pods = state.objects('pods').filter(isLive)
  const confined = new Set(pods.filter((pod) => isIsolated(state, 'Egress', pod)))
  for (const target of pods) {
    const isolated = isIsolated(state, 'Ingress', target)
    if (!isolated && confined.size === 0) continue
    const from: Record<string, PortRanges> = {}
    for (const source of isolated ? pods : confined) {
      // A pod always reaches itself.
      const ports = source === target ? allPorts : reachablePorts(state, source, target)
      if (ports.length > 0 || !isolated) from[source.status.podIP] = ports
    }
    found.set(target.status.podIP, { isolated, from })
  }
  return found
}
