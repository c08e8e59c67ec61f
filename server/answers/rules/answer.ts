import type { Node } from '#server/answers/parse/node.ts'

/** What kind of thing an answer is, once it has been read. */
export type Answer =
  | { is: 'value'; node: Node }
  | {
      is: 'finite'
      items: Node[] /** A comma list without braces. */
      loose: boolean
      thousands?: Node
    }
  | { is: 'tuple'; node: Extract<Node, { k: 'bracket' }> }
  | { is: 'real'; node: Node }
  | { is: 'inequality' | 'relation' | 'matrix' | 'cases'; node: Node }
  | { is: 'congruence'; left?: Node; residue: Node; modulus: Node }
  | { is: 'family'; bodies: Node[]; index: string }
  | { is: 'sequence'; items: Node[]; loose: boolean }
  | { is: 'empty' }
  | { is: 'space'; name: string; rest: string }
  | { is: 'infinite'; sign: 1 | -1 }
  | { is: 'words'; text: string }
  | { is: 'choice'; letter: string; rest?: Node }
  | { is: 'clock'; node: Extract<Node, { k: 'clock' }> }
  | { is: 'ratio'; parts: Node[] }
  | { is: 'date'; key: string }

/** `x = 5`, `f(x) = x^2`, `C = 2\pi r`: a value with the name it was given. */
export type NamedAnswer = {
  name?: string
  parameters?: string[] /** As an equation. */
  relation?: Node
  answer: Answer
}
