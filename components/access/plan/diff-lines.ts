import { flatten, shownValue } from '#server/access/model/diff-objects.ts'
import type { PlannedChange } from '#server/access/model/model-binding.ts'

export type DiffLine = { mark: '+' | '-' | ' '; depth: number; text: string }

type Value = { live?: string; planned?: string }
type Node = { children: Map<string, Node>; list: boolean; value?: Value }

/**
 * A change as lines of YAML, each added, removed or kept. With the `whole` planned object, what stays as it is stands
 * between them; without it, only what differs and the keys that lead there.
 */
export function diffLines(change: PlannedChange, whole?: object): DiffLine[] {
  const root: Node = { children: new Map(), list: false }
  if (whole && change.change !== 'delete') {
    for (const [path, leaf] of flatten(whole)) {
      const shown = shownValue(leaf)
      place(root, path, { live: shown, planned: shown })
    }
  }
  for (const { path, live, planned } of change.fields) place(root, path, { live, planned })
  const lines: DiffLine[] = []
  for (const [key, child] of root.children) write(child, key, 0, lines)
  return lines
}

/** `spec.ports[0].port`, `metadata.labels["bindery.dev/x"]`: the steps, an index as `0`. */
function stepsOf(path: string): { step: string; index: boolean }[] {
  return [...path.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([\w-]+)/g)].map((match) => ({
    step: match[1] ?? match[2] ?? match[3] ?? '',
    index: match[1] !== undefined,
  }))
}

function place(root: Node, path: string, value: Value): void {
  let node = root
  for (const { step, index } of stepsOf(path)) {
    node.list ||= index
    const next: Node = node.children.get(step) ?? { children: new Map(), list: false }
    node.children.set(step, next)
    node = next
  }
  node.value = value
}

function write(node: Node, key: string, depth: number, lines: DiffLine[]): void {
  const { live, planned } = node.value ?? {}
  if (live !== undefined && live === planned) {
    lines.push({ mark: ' ', depth, text: `${key}: ${scalar(live)}` })
  } else {
    if (live !== undefined) lines.push({ mark: '-', depth, text: `${key}: ${scalar(live)}` })
    if (planned !== undefined) lines.push({ mark: '+', depth, text: `${key}: ${scalar(planned)}` })
  }
  if (node.children.size === 0) return
  lines.push({ mark: markOf(node), depth, text: `${key}:` })
  for (const [step, child] of node.children) {
    if (node.list) writeMember(child, depth + 1, lines)
    else write(child, step, depth + 1, lines)
  }
}

/** A member of a list: its first line begins with a dash, the others stand below it. */
function writeMember(node: Node, depth: number, lines: DiffLine[]): void {
  if (node.children.size === 0) {
    const own: DiffLine[] = []
    write(node, '', depth, own)
    lines.push(...own.map((line) => ({ ...line, text: `- ${line.text.slice(2)}` })))
    return
  }
  const inner: DiffLine[] = []
  for (const [step, child] of node.children) {
    if (node.list) writeMember(child, depth + 1, inner)
    else write(child, step, depth + 1, inner)
  }
  // The member begins with one line as it is and with one as it is planned; a kept line is both.
  const begun = { '-': false, '+': false }
  for (const line of inner) {
    const { mark } = line
    const first = mark === ' ' ? !begun['-'] && !begun['+'] : !begun[mark]
    lines.push(first ? { ...line, depth, text: `- ${line.text}` } : line)
    if (mark !== '+') begun['-'] = true
    if (mark !== '-') begun['+'] = true
  }
}

/** The mark of a key that only leads somewhere: that of everything below it, where that is one. */
function markOf(node: Node): DiffLine['mark'] {
  const marks = new Set<DiffLine['mark']>()
  for (const child of node.children.values()) {
    const { live, planned } = child.value ?? {}
    if (live !== undefined) marks.add(planned === undefined ? '-' : ' ')
    else if (planned !== undefined) marks.add('+')
    if (child.children.size > 0) marks.add(markOf(child))
  }
  const [only] = marks
  return marks.size === 1 && only ? only : ' '
}

/** A text that YAML would read as nothing, or as several lines, in quotes. */
function scalar(text: string): string {
  return text === '' || /[\n\r\t]|^\s|\s$/.test(text) ? JSON.stringify(text) : text
}
