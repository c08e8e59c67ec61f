import type { Draft } from '#server/lab/cluster/client.ts'

const volumesAllowed = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])
const seccompAllowed = ['RuntimeDefault', 'Localhost']

/** What the admission of Pod Security, profile `restricted`, would say (kubernetes.io/docs/concepts/security/pod-security-standards). */
export function restrictedProblems(spec: Draft['spec']): string[] {
  const problems: string[] = []
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (spec[field]) problems.push(`${field} is shared with the node`)
  }
  for (const { name, ...volume } of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((kind) => !volumesAllowed.has(kind))
    if (kinds.length > 0) {
      problems.push(`volume ${name} is of a kind that is not allowed: ${kinds.join()}`)
    }
  }
  const ofPod = spec.securityContext ?? {}
  if (ofPod.sysctls) problems.push('sysctls are set')
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    problems.push(...containerProblems(container, ofPod).map((one) => `${container.name}: ${one}`))
  }
  return problems
}

function containerProblems(container: Draft, ofPod: Draft): string[] {
  const own = container.securityContext ?? {}
  const { drop = [], add = [] } = own.capabilities ?? {}
  const seccomp = own.seccompProfile?.type ?? ofPod.seccompProfile?.type
  const added = add.filter((one: string) => one !== 'NET_BIND_SERVICE')
  const open = (container.ports ?? []).find((port: Draft) => port.hostPort)
  const rules: [broken: boolean, says: string][] = [
    [open !== undefined, `hostPort ${open?.hostPort}`],
    [own.privileged === true, 'is privileged'],
    [own.allowPrivilegeEscalation !== false, 'may gain privileges'],
    [!drop.includes('ALL'), 'capabilities do not drop ALL'],
    [added.length > 0, `adds the capability ${added.join()}`],
    [(own.runAsNonRoot ?? ofPod.runAsNonRoot) !== true, 'is not kept from running as root'],
    [(own.runAsUser ?? ofPod.runAsUser) === 0, 'runs as root'],
    [!seccompAllowed.includes(seccomp), 'has no seccomp profile'],
    [(own.procMount ?? 'Default') !== 'Default', 'unmasks /proc'],
  ]
  return rules.flatMap(([broken, says]) => (broken ? [says] : []))
}
