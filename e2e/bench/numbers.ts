/** The value below which this share of the numbers lies (nearest rank). */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

export function gapsOf(times: number[]): number[] {
  return times.slice(1).map((at, i) => at - (times[i] ?? at))
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}
