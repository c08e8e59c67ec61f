/** An amount as Kubernetes writes it (`500m`, `2Gi`), kept exactly, in thousand-millionths. */
export class Quantity {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }

  asNumber(): number {
    return Number(this.nanos) / 1e9
  }
}

const syntax = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/

const decimal: Record<string, number> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binary: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

/** Whether a text is a quantity. */
export function isQuantity(text: string): boolean {
  const match = syntax.exec(text)
  return match !== null && `${match[2]}${match[3] ?? ''}` !== ''
}

/** @throws Error if the text is no quantity */
export function parseQuantity(text: string): Quantity {
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = syntax.exec(text) ?? []
  if (!isQuantity(text)) {
    throw new Error(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    )
  }
  const digits = BigInt(`${whole}${fraction}`)
  const power =
    9 - fraction.length + (exponent ? Number(exponent.slice(1)) : (decimal[suffix] ?? 0))
  const doubled = digits << BigInt(binary[suffix] ?? 0)
  const nanos = power >= 0 ? doubled * 10n ** BigInt(power) : doubled / 10n ** BigInt(-power)
  return new Quantity(sign === '-' ? -nanos : nanos)
}

/** -1, 0 or 1. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
}
