import type { ColdStart } from './cold-start.ts'
import { keepResult } from './keep-result.ts'
import type { HighLoad, LowLoad } from './token-path.ts'

export type Measured = { coldStart: ColdStart; lowLoad: LowLoad[]; highLoad: HighLoad[] }

/** Less than this is noise, and no ratio is made of it. */
const tellableMs = 0.1

/** Prints what was measured, with nginx as 1 where it is here, and keeps it as JSON. */
export function report(measured: Measured): void {
  const { coldStart, lowLoad, highLoad } = measured
  const nginx = lowLoad.find(({ way }) => way === 'nginx')?.addedTtftMs ?? 0
  printTable(
    'One answer at a time (ms)',
    lowLoad.map((row) => ({
      way: row.way,
      'first token p50': row.ttftMs.p50,
      p95: row.ttftMs.p95,
      added: row.addedTtftMs,
      '× nginx': nginx < tellableMs ? '' : ratio(row.addedTtftMs, nginx),
      'gap p50': row.gapMs.p50,
      'gap p99': row.gapMs.p99,
      'added p99': row.addedGapP99Ms,
    })),
  )
  printTable(
    'Many answers at once',
    highLoad.map((row) => {
      const reference = highLoad.find(
        ({ way, streams }) => way === 'nginx' && streams === row.streams,
      )
      return {
        way: row.way,
        streams: row.streams,
        'tokens/s': Math.round(row.tokens / row.seconds),
        'first token p95 ms': row.ttftP95Ms,
        'gap p99 ms': row.gapP99Ms,
        'CPU µs/token': row.cpuMicrosPerToken ?? '',
        '× nginx': ratio(row.cpuMicrosPerToken, reference?.cpuMicrosPerToken),
      }
    }),
  )
  printTable('Start of the demo (s)', coldStart.steps)
  printTable('Memory once healthy (MB)', coldStart.memory)

  keepResult('model-path', measured)
}

function ratio(value: number | undefined, reference: number | undefined): string {
  if (value === undefined || !reference) return ''
  return (value / reference).toFixed(1)
}

function printTable(title: string, rows: Record<string, string | number>[]): void {
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map((name) =>
    Math.max(name.length, ...rows.map((row) => String(row[name] ?? '').length)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('   ')
  console.log(`\n${title}\n${line(columns)}`)
  for (const row of rows) console.log(line(columns.map((name) => String(row[name] ?? ''))))
}
