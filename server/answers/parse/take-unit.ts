import { type Cursor, isChr, isCmd, peek } from './cursor.ts'
import { isUnitWord } from './known-words.ts'

const connectors =
  /^(?:or|and|if|for|when|where|with|otherwise|is|are|to|by|mod|such|at|then|so|hence|because|from|in|on|of|as|per cent.+|或|和|且|当|其中|或者|以及|为|是)\b|^(?:或|和|且|当|其中|为|是)/i

/**
 * Words behind a number as a unit: `cm`, `m/s`, `square units`, `km`/`h`, `cm`^2. Undefined where the words are no unit
 * (`or`, `if x > 0`); 'units' where they say only that there is one.
 */
export function takeUnit(c: Cursor): string | undefined {
  const first = peek(c)
  if (first?.t !== 'txt' || connectors.test(first.s)) return undefined
  let unit = ''
  let isOpen = true
  while (isOpen) {
    const token = peek(c)
    if (token?.t !== 'txt' || (unit !== '' && connectors.test(token.s))) break
    c.at++
    unit += `${unit === '' || /[/*]$/.test(unit) ? '' : ' '}${token.s}`
    const power = powerAt(c)
    if (power) unit += `^${power}`
    const sign = peek(c)
    const after = peek(c, 1)
    isOpen = after?.t === 'txt' && (isChr(sign, '/') || isCmd(sign, 'cdot') || isChr(sign, '*'))
    if (isOpen) {
      unit += isChr(sign, '/') ? '/' : '*'
      c.at++
    } else isOpen = sign?.t === 'txt'
  }
  return normalUnit(unit)
}

function powerAt(c: Cursor): string | undefined {
  if (!isChr(peek(c), '^')) return undefined
  const direct = peek(c, 1)
  if (direct?.t === 'num' && /^[234]$/.test(direct.s)) {
    c.at += 2
    return direct.s
  }
  if (!isChr(direct, '{')) return undefined
  const isNegative = isChr(peek(c, 2), '-')
  const digits = peek(c, isNegative ? 3 : 2)
  if (digits?.t !== 'num' || !isChr(peek(c, isNegative ? 4 : 3), '}')) return undefined
  c.at += isNegative ? 5 : 4
  return `${isNegative ? '-' : ''}${digits.s}`
}

function normalUnit(text: string): string {
  const unit = text.replace(/\s+/g, ' ').replace(/[.,]$/, '').trim()
  const low = unit.toLowerCase()
  if (
    /^(?:(?:square|sq\.?|cubic|linear)\s)?units?(?:\^[234])?$/.test(low) ||
    low === '个单位' ||
    low === '单位' ||
    low === '平方单位' ||
    low === '个'
  )
    return 'units'
  if (/^degrees?$/.test(low) || low === '度') return 'degree'
  if (/^(?:percent|per cent|pct)$/.test(low)) return 'percent'
  if (/^radians?$/.test(low)) return 'units'
  if (isUnitWord(unit)) return unit
  return unit
}
