/** A ReplicaSet of a Deployment, as far as a rollout counts. */
export type RolloutSet = { name: string; replicas: number; available: number; isNew: boolean }

export type RolloutLimits = { replicas: number; maxSurge: number; maxUnavailable: number }

/** Absolute numbers of a strategy's `25%` or `1`; both zero would never move, so one may then be unavailable. */
export function rolloutLimits(
  replicas: number,
  strategy: { maxSurge?: number | string; maxUnavailable?: number | string } = {},
): RolloutLimits {
  const maxSurge = absolute(strategy.maxSurge ?? '25%', replicas, Math.ceil)
  const maxUnavailable = absolute(strategy.maxUnavailable ?? '25%', replicas, Math.floor)
  const stuck = maxSurge === 0 && maxUnavailable === 0
  return { replicas, maxSurge, maxUnavailable: stuck ? 1 : maxUnavailable }
}

/** The next sizes of a rolling update: never more than replicas + maxSurge, never fewer ready than allowed. */
export function rollingSizes(sets: RolloutSet[], limits: RolloutLimits): Map<string, number> {
  const sizes = new Map(sets.map((set) => [set.name, set.replicas]))
  const current = sets.find((set) => set.isNew)
  if (!current) return sizes
  const old = sets.filter((set) => !set.isNew && set.replicas > 0)
  const total = sets.reduce((sum, set) => sum + set.replicas, 0)

  if (current.replicas > limits.replicas) sizes.set(current.name, limits.replicas)
  else {
    const room = Math.max(0, limits.replicas + limits.maxSurge - total)
    sizes.set(current.name, Math.min(limits.replicas, current.replicas + room))
  }

  const minAvailable = limits.replicas - limits.maxUnavailable
  const newUnavailable = current.replicas - current.available
  let removable = Math.max(0, total - minAvailable - newUnavailable)
  // What does not work is taken first: it serves nobody.
  for (const set of old) {
    const broken = Math.min(set.replicas - set.available, removable)
    sizes.set(set.name, set.replicas - broken)
    removable -= broken
  }
  const available = sets.reduce((sum, set) => sum + set.available, 0)
  let spare = Math.max(0, available - minAvailable)
  for (const set of old) {
    const size = sizes.get(set.name) ?? 0
    const taken = Math.min(size, spare, set.available)
    sizes.set(set.name, size - taken)
    spare -= taken
  }
  return sizes
}

/** Recreate: nothing new before everything old is gone. */
export function recreateSizes(
  sets: RolloutSet[],
  replicas: number,
  oldPodsLeft: boolean,
): Map<string, number> {
  return new Map(
    sets.map((set) => [set.name, set.isNew ? (oldPodsLeft ? set.replicas : replicas) : 0]),
  )
}

function absolute(value: number | string, of: number, round: (n: number) => number): number {
  const percent = /^(\d+)%$/.exec(String(value))
  return percent ? round((Number(percent[1]) / 100) * of) : Number(value)
}
