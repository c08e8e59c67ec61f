import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isMap, isNode, isSeq, parseAllDocuments } from 'yaml'

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }
type Role = {
  kind: string
  metadata: { name: string; namespace?: string }
  rules?: Rule[]
}
type Binding = {
  kind: string
  metadata: { namespace?: string }
  roleRef: { kind: string; name: string }
  subjects: { kind: string; name: string; namespace?: string }[]
}
type Row = { who: string; where: string; verbs: string; resources: string; why: string }

/**
 * Who may what, where and why, as Markdown: one row for each rule of each role that the manifests bind, with the comment
 * that stands over the rule, or over its role.
 */
export function rightsTable(folder: string): string {
  const documents = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .filter((document): document is Document.Parsed => 'contents' in document)
  const bindings = documents.map(contentOf).filter(isBinding)
  const rows = documents
    .filter((document) => isRole(contentOf(document)))
    .flatMap((document) => {
      const role = contentOf(document) as Role
      const held = bindings.filter(
        ({ roleRef, metadata }) =>
          roleRef.kind === role.kind &&
          roleRef.name === role.metadata.name &&
          (role.kind === 'ClusterRole' || metadata.namespace === role.metadata.namespace),
      )
      return rulesOf(document, role).map((row) => ({ ...row, ...holdersOf(role, held) }))
    })
  const lines = rows
    .sort((a, b) => a.who.localeCompare(b.who) || a.where.localeCompare(b.where))
    .map(({ who, where, verbs, resources, why }) =>
      [who, where, verbs, resources, why].map((cell) => cell.replaceAll('|', '\\|')).join(' | '),
    )
  return [
    '# Who may what',
    '',
    'Made from `rbac`, comments included; a test holds it to what the manifests say.',
    '',
    '| who | where | verbs | on | why |',
    '|---|---|---|---|---|',
    ...lines.map((line) => `| ${line} |`),
    '',
  ].join('\n')
}

function contentOf(document: Document): unknown {
  return document.toJS({ maxAliasCount: 100 })
}

function isRole(value: unknown): value is Role {
  return /^(Cluster)?Role$/.test((value as Role | null)?.kind ?? '')
}

function isBinding(value: unknown): value is Binding {
  return /^(Cluster)?RoleBinding$/.test((value as Binding | null)?.kind ?? '')
}

function rulesOf(document: Document.Parsed, role: Role): Omit<Row, 'who' | 'where'>[] {
  const nodes = isMap(document.contents) ? document.contents.get('rules') : undefined
  const why = plain(document.commentBefore ?? document.contents?.commentBefore)
  return (role.rules ?? []).map(({ apiGroups, resources, verbs, resourceNames }, index) => {
    const node = isSeq(nodes) ? nodes.items[index] : undefined
    // The comment over the first rule belongs, for the parser, to the list.
    const own = isMap(node) ? [node.commentBefore, ...node.items.map(commentOf)].join(' ') : ''
    const first = index === 0 && isSeq(nodes) ? nodes.commentBefore : undefined
    const group = apiGroups.filter(Boolean).join(', ')
    const only = resourceNames ? ` (only ${resourceNames.join(', ')})` : ''
    return {
      verbs: verbs.join(', '),
      resources: resources.map((one) => `\`${group ? `${one}.${group}` : one}\``).join(', ') + only,
      why: plain(`${first ?? ''} ${own}`) || why,
    }
  })
}

function holdersOf(role: Role, held: Binding[]): Pick<Row, 'who' | 'where'> {
  if (held.length === 0) {
    const where = role.metadata.namespace ?? 'where it is bound'
    return { who: `whoever is bound to \`${role.metadata.name}\``, where }
  }
  const who = held.flatMap(({ subjects }) => subjects.map(({ name }) => `\`${name}\``))
  const where = held.map(({ metadata }) => metadata.namespace ?? 'everywhere')
  return { who: [...new Set(who)].join(', '), where: [...new Set(where)].join(', ') }
}

function commentOf({ key }: { key: unknown }): string {
  return isNode(key) ? (key.commentBefore ?? '') : ''
}

function plain(comment: string | null | undefined): string {
  return (comment ?? '').replace(/\s+/g, ' ').trim()
}
