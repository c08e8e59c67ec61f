import { atomId } from './atom.ts'
import { atomFraction } from './fraction.ts'
import { rational } from './rational.ts'
import type { Fraction } from './term.ts'

const quarter = rational(1n, 4n)

export function unityId(): number {
  return atomId({ kind: 'unity' })
}

export function imaginaryUnit(): Fraction {
  return atomFraction(unityId(), quarter)
}
