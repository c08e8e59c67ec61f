/**
 * Where each row of a long list stands, most of them one line high. Appending, correcting one height and finding the
 * row at a place cost O(log n): a Fenwick tree holds what rows are higher than one line (P. M. Fenwick, 1994).
 */
export type RowHeights = {
  resize(count: number): void
  /** Forgets every height that was measured. */
  reset(rowPx: number): void
  set(row: number, px: number): void
  /** Its height was set since the last reset. */
  isMeasured(row: number): boolean
  heightOf(row: number): number
  topOf(row: number): number
  totalPx(): number
  rowAt(px: number): number
}

export function createRowHeights(initialRowPx: number): RowHeights {
  let rowPx = initialRowPx
  let count = 0
  let capacity = 1024
  let tree = new Float64Array(capacity + 1)
  let extra = new Map<number, number>()

  function clear() {
    tree = new Float64Array(capacity + 1)
    extra = new Map()
  }

  function add(row: number, by: number) {
    for (let node = row + 1; node <= capacity; node += node & -node) {
      tree[node] = (tree[node] ?? 0) + by
    }
  }

  function extraBefore(row: number): number {
    let sum = 0
    for (let node = row; node > 0; node -= node & -node) sum += tree[node] ?? 0
    return sum
  }

  return {
    resize(next) {
      if (next < count) clear()
      while (capacity < next) {
        const grown = new Float64Array(capacity * 2 + 1)
        grown.set(tree)
        // Of the new nodes only the last one spans rows that were there before.
        grown[capacity * 2] = tree[capacity] ?? 0
        capacity *= 2
        tree = grown
      }
      count = next
    },
    reset(px) {
      rowPx = px
      clear()
    },
    set(row, px) {
      if (row >= count) return
      const known = extra.get(row) ?? 0
      const by = px - rowPx - known
      const differs = Math.abs(by) >= 0.01
      extra.set(row, differs ? px - rowPx : known)
      if (differs) add(row, by)
    },
    isMeasured: (row) => extra.has(row),
    heightOf: (row) => rowPx + (extra.get(row) ?? 0),
    topOf: (row) => row * rowPx + extraBefore(row),
    totalPx: () => count * rowPx + extraBefore(count),
    rowAt(px) {
      let row = 0
      let before = 0
      for (let step = capacity; step > 0; step >>= 1) {
        const next = row + step
        if (next > count) continue
        const sum = before + (tree[next] ?? 0)
        if (next * rowPx + sum <= px) {
          row = next
          before = sum
        }
      }
      return Math.max(0, Math.min(row, count - 1))
    },
  }
}
