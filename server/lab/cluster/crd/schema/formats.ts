import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whether a text is of an OpenAPI format, for the formats that the API server enforces; an unknown format accepts
 * everything, as it does there.
 */
export function hasFormat(text: string, format: string): boolean {
  const check = checks[format.replaceAll('-', '')]
  return check ? check(text) : true
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const dateTime =
  /^(\d{4})-(\d{2})-(\d{2})[tT ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([zZ]|[+-]\d{2}:?\d{2})$/
const hostname =
  /^(?=.{1,255}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?$/
const shortName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const duration =
  /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/

const checks: Record<string, (text: string) => boolean> = {
  datetime: (text) => isDateTime(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isCalendarDay(text),
  duration: (text) => text === '0' || duration.test(text) || isWordyDuration(text),
  uri: (text) => isAbsoluteUri(text),
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  hostname: (text) => hostname.test(text),
  ipv4: (text) => isIPv4(text),
  ipv6: (text) => isIPv6(text),
  cidr: (text) => isCidr(text),
  mac: (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text),
  uuid: (text) => uuid.test(text),
  uuid3: (text) => uuid.test(text) && versionOf(text) === '3',
  uuid4: (text) => uuid.test(text) && versionOf(text) === '4',
  uuid5: (text) => uuid.test(text) && versionOf(text) === '5',
  byte: (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  k8sshortname: (text) => shortName.test(text),
  k8slongname: (text) =>
    text.length <= 253 &&
    text.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part)),
}

function isDateTime(text: string): boolean {
  return dateTime.test(text) && isCalendarDay(text.slice(0, 10))
}

function isCalendarDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

function isWordyDuration(text: string): boolean {
  return /^(\d+\s*(milliseconds?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|d|weeks?|wks?|w)\s*)+$/.test(
    text,
  )
}

function isAbsoluteUri(text: string): boolean {
  return URL.canParse(text) || text.startsWith('/')
}

function isCidr(text: string): boolean {
  const [address, length, ...more] = text.split('/')
  if (address === undefined || length === undefined || more.length > 0) return false
  if (!/^\d{1,3}$/.test(length)) return false
  if (isIPv4(address)) return Number(length) <= 32
  return isIPv6(address) && Number(length) <= 128
}

function versionOf(text: string): string | undefined {
  return text.replaceAll('-', '')[12]
}
