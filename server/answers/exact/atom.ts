import { spend, undecided } from '#server/answers/work.ts'
import { factorsKey, fractionKey } from './key.ts'
import type { Factor, Fraction } from './term.ts'

/**
 * What a polynomial is written in. `prime` and `base` carry fractional exponents (radicals), `unity` is
 * exp(2πi·exponent), so that i and every cosine at a rational multiple of π is exact; `exp` is exp(monomial).
 */
export type Atom =
  | { kind: 'symbol'; name: string }
  | { kind: 'pi' }
  | { kind: 'unity' }
  | { kind: 'prime'; value: bigint }
  | { kind: 'exp'; of: readonly Factor[] }
  | { kind: 'ln'; of: Fraction }
  | { kind: 'base'; of: Fraction }
  | { kind: 'call'; name: string; args: readonly Fraction[] }

/** Atoms are numbered within one comparison, so that a monomial is a short list of numbers. */
const table: {
  byKey: Map<string, number>
  atoms: Atom[]
  algebraic: boolean[]
  constant: boolean[]
} = {
  byKey: new Map(),
  atoms: [],
  algebraic: [],
  constant: [],
}

const atomsMax = 2000

export function startAtoms(): void {
  table.byKey.clear()
  table.atoms.length = 0
  table.algebraic.length = 0
  table.constant.length = 0
}

export function atomId(atom: Atom): number {
  const key = atomKey(atom)
  const known = table.byKey.get(key)
  if (known !== undefined) return known
  const id = table.atoms.length
  if (id >= atomsMax) undecided('too much work')
  spend(4 + key.length / 64)
  const parts = insideOf(atom)
  const leaf = atom.kind === 'prime' || atom.kind === 'unity'
  table.algebraic.push(
    leaf || (atom.kind === 'base' && parts.every((part) => table.algebraic[part])),
  )
  table.constant.push(
    leaf ||
      atom.kind === 'pi' ||
      (atom.kind !== 'symbol' && parts.every((part) => table.constant[part])),
  )
  table.atoms.push(atom)
  table.byKey.set(key, id)
  return id
}

export function atomOf(id: number): Atom {
  return table.atoms[id] ?? undecided('unknown atom')
}

/** Algebraic constants: radicals of algebraic constants and roots of unity. */
export function isAlgebraicAtom(id: number): boolean {
  return table.algebraic[id] === true
}

export function isConstantAtom(id: number): boolean {
  return table.constant[id] === true
}

/** The atoms that an atom is made of. */
export function insideOf(atom: Atom): number[] {
  switch (atom.kind) {
    case 'exp':
      return atom.of.map(({ id }) => id)
    case 'ln':
    case 'base':
      return atomsIn(atom.of)
    case 'call':
      return atom.args.flatMap(atomsIn)
    default:
      return []
  }
}

export function atomsIn(fraction: Fraction): number[] {
  const found = new Set<number>()
  for (const part of [fraction.num, fraction.den])
    for (const { factors } of part.values()) for (const { id } of factors) found.add(id)
  return [...found]
}

function atomKey(atom: Atom): string {
  switch (atom.kind) {
    case 'symbol':
      return `s:${atom.name}`
    case 'prime':
      return `p:${atom.value}`
    case 'exp':
      return `e:${factorsKey(atom.of)}`
    case 'ln':
      return `l:${fractionKey(atom.of)}`
    case 'base':
      return `b:${fractionKey(atom.of)}`
    case 'call':
      return `c:${atom.name}:${atom.args.map(fractionKey).join('|')}`
    default:
      return atom.kind
  }
}
