import type { Rational } from '#server/answers/exact/rational.ts'

/** A formula as it was read. Names of functions are LaTeX's without the backslash. */
export type Node =
  | {
      k: 'num'
      value: Rational /** Half a unit in the last place of a decimal of six or more digits. */
      slack?: Rational
    }
  | { k: 'sym'; name: string }
  | { k: 'pi' | 'e' | 'i' | 'inf' | 'dots' }
  | { k: 'add' | 'mul'; args: Node[] }
  | { k: 'neg'; a: Node }
  | { k: 'div' | 'pow'; a: Node; b: Node }
  | { k: 'root'; degree: number; a: Node }
  | { k: 'call'; name: string; args: Node[] }
  | {
      k: 'pm' /** The same sign for every \pm of a formula, the other one for \mp. */
      flip: boolean
      a: Node
    }
  | { k: 'series'; op: 'sum' | 'prod'; index: string; from: Node; to: Node; body: Node }
  | { k: 'bracket'; open: string; close: string; items: Node[] }
  | { k: 'set'; items: Node[] }
  | { k: 'builder'; element: Node; condition: Node }
  | { k: 'list'; items: Node[] /** `1,234`: a list or one number. */; thousands?: Rational }
  | { k: 'matrix'; rows: Node[][]; det: boolean }
  | { k: 'cases'; rows: Node[][] }
  | { k: 'rel'; ops: string[]; args: Node[] }
  | { k: 'and'; args: Node[] }
  | { k: 'or'; args: Node[] }
  | { k: 'union' | 'intersection' | 'setminus'; args: Node[] }
  | { k: 'mod'; a: Node; modulus: Node }
  | { k: 'space'; name: string; rest?: string }
  | { k: 'empty' }
  | { k: 'words'; text: string }
  | { k: 'quantity'; value: Node; unit: string; optional: boolean }
  | { k: 'clock'; minutes: number; half?: 'am' | 'pm'; seconds?: number }
  | { k: 'ratio'; parts: Node[] }
  | { k: 'date'; key: string }
  | { k: 'choice'; letter: string; rest?: Node }
