const originNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
let lastNs = 0n

/** Wall clock in nanoseconds since 1970; never the same twice, so lines keep their order. */
export function nowNs(): bigint {
  const now = originNs + process.hrtime.bigint()
  lastNs = now > lastNs ? now : lastNs + 1n
  return lastNs
}

/** RFC 3339 with nine digits, as the kubelet prints before log lines. */
export function rfc3339Nano(ns: bigint): string {
  const fraction = String(ns % 1_000_000_000n).padStart(9, '0')
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}.${fraction}Z`
}

/** RFC 3339 to the second, as in `metadata.creationTimestamp`. */
export function rfc3339(date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
