const depthMax = 2
const itemsMax = 100

/** A value as Node's console shows it, on one line: plain values, collections, errors; what is deeper is `[Object]`. */
export function inspectValue(value: unknown, depth = 0, seen: object[] = []): string {
  if (typeof value === 'string') return depth === 0 && seen.length === 0 ? value : quoted(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'function') return `[Function: ${value.name || '(anonymous)'}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (seen.includes(value)) return '[Circular *1]'
  if (value instanceof Error)
    return value.stack?.includes(value.message) ? value.stack : String(value)
  if (value instanceof Date) return Number.isNaN(+value) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return String(value)
  const name = nameOf(value)
  if (depth > depthMax) return Array.isArray(value) ? '[Array]' : `[${name || 'Object'}]`
  const inner = (one: unknown) => inspectValue(one, depth + 1, [...seen, value])
  if (Array.isArray(value)) return list('', '[', value.map(inner), ']')
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const items = Array.from(value as Uint8Array, inner)
    return list(`${name}(${items.length}) `, '[', items, ']')
  }
  if (value instanceof Map) {
    const items = [...value].map(([key, one]) => `${inner(key)} => ${inner(one)}`)
    return list(`Map(${value.size}) `, '{', items, '}')
  }
  if (value instanceof Set) return list(`Set(${value.size}) `, '{', [...value].map(inner), '}')
  const fields = Object.entries(value).map(([key, one]) => `${keyOf(key)}: ${inner(one)}`)
  const head = name ? (name === 'Object' ? '' : `${name} `) : '[Object: null prototype] '
  return list(head, '{', fields, '}')
}

/** As `console.log` puts its arguments together, `%d` and the like among them. */
export function formatArguments(given: unknown[]): string {
  const [first, ...rest] = given
  if (typeof first !== 'string' || rest.length === 0)
    return given.map((one) => inspectValue(one)).join(' ')
  const text = first.replace(/%([sdifjoOc%])/g, (mark, kind: string) => {
    if (kind === '%') return '%'
    if (rest.length === 0) return mark
    const value = rest.shift()
    if (kind === 'd') return typeof value === 'bigint' ? `${value}n` : String(Number(value))
    if (kind === 'i') return String(Number.parseInt(String(value), 10))
    if (kind === 'f') return String(Number.parseFloat(String(value)))
    if (kind === 'j') return JSON.stringify(value)
    return kind === 'c' ? '' : inspectValue(value)
  })
  return [text, ...rest.map((one) => inspectValue(one))].join(' ')
}

function list(head: string, open: string, items: string[], close: string): string {
  if (items.length === 0) return `${head}${open}${close}`
  const more = items.length - itemsMax
  const shown = more > 0 ? [...items.slice(0, itemsMax), `... ${more} more items`] : items
  const space = open === '[' || open === '{' ? ' ' : ''
  return `${head}${open}${space}${shown.join(', ')}${space}${close}`
}

function nameOf(value: object): string {
  const made: unknown = Object.getPrototypeOf(value)?.constructor
  return typeof made === 'function' ? made.name : ''
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  if (!text.includes("'")) return `'${escaped}'`
  return text.includes('"') ? `\`${escaped}\`` : `"${escaped}"`
}
