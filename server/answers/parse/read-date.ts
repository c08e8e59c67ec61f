const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** A date with its month named or in ISO order, as YYYY-MM-DD or --MM-DD; 5/3/2024 means two things and is none. */
export function readDate(text: string): string | undefined {
  const low = text.toLowerCase().replace(/,/g, ' ').replace(/\s+/g, ' ').trim()
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(low)
  if (iso) return dateKey(iso[1], Number(iso[2]), Number(iso[3]))
  const chinese = /^(?:(\d{4})\s?年\s?)?(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]$/.exec(low)
  if (chinese) return dateKey(chinese[1], Number(chinese[2]), Number(chinese[3]))
  const first = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?$/.exec(low)
  if (first) return dateKey(first[3], monthOf(first[1]), Number(first[2]))
  const second = /^(\d{1,2})(?:st|nd|rd|th)? (?:of )?([a-z]{3,9})\.?(?: (\d{4}))?$/.exec(low)
  if (second) return dateKey(second[3], monthOf(second[2]), Number(second[1]))
  return undefined
}

function monthOf(word = ''): number {
  return (
    months.findIndex(
      (month) => month === word || (word.length >= 3 && month.startsWith(word) && word.length <= 4),
    ) + 1
  )
}

function dateKey(year: string | undefined, month: number, day: number): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined
  return `${year ?? '-'}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
