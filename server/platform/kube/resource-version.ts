/** Whether `a` was written after `b`. Versions are comparable as numbers of any size (KEP-5504); others never are. */
export function isNewer(a: string | undefined, b: string | undefined): boolean {
  if (!isNumber(a) || !isNumber(b)) return a !== b
  return a.length === b.length ? a > b : a.length > b.length
}

function isNumber(version: string | undefined): version is string {
  return version !== undefined && /^(0|[1-9]\d*)$/.test(version)
}
