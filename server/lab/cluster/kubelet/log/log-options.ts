import { badRequest, invalid } from '#server/lab/cluster/api/status.ts'
import type { Cause } from '#server/lab/cluster/crd/causes.ts'
import { rfc3339Nano } from '#server/lab/cluster/kubelet/clock.ts'
import type { LogReadOptions } from './read-log.ts'

export type PodLogOptions = LogReadOptions & { container: string; previous: boolean }

/** The query of `pods/log`, refused in the API server's words. */
export function parseLogOptions(query: URLSearchParams, podName: string): PodLogOptions {
  const tailLines = integer(query, 'tailLines')
  const limitBytes = integer(query, 'limitBytes')
  const sinceSeconds = integer(query, 'sinceSeconds')
  const sinceTime = query.get('sinceTime')
  const causes: Cause[] = []
  const atLeast = (field: string, value: number | undefined, least: number, message: string) => {
    if (value !== undefined && value < least)
      causes.push({
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${value}: ${message}`,
        field,
      })
  }
  atLeast('tailLines', tailLines, 0, 'must be greater than or equal to 0')
  atLeast('limitBytes', limitBytes, 1, 'must be greater than 0')
  if (sinceSeconds !== undefined && sinceTime)
    causes.push({
      reason: 'FieldValueForbidden',
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
      field: '',
    })
  else atLeast('sinceSeconds', sinceSeconds, 1, 'must be greater than 0')
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, podName, causes)

  return {
    container: query.get('container') ?? '',
    previous: flag(query, 'previous'),
    follow: flag(query, 'follow'),
    timestamps: flag(query, 'timestamps'),
    tailLines,
    limitBytes,
    since: since(sinceSeconds, sinceTime),
  }
}

function since(seconds: number | undefined, time: string | null): string | undefined {
  if (seconds !== undefined) return rfc3339Nano(BigInt(Date.now() - seconds * 1000) * 1_000_000n)
  if (!time) return undefined
  const parsed = Date.parse(time)
  if (
    Number.isNaN(parsed) ||
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(time)
  )
    throw badRequest(
      `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(time)} as "2006"`,
    )
  // The API server passes whole seconds on to the kubelet.
  return rfc3339Nano(BigInt(Math.floor(parsed / 1000)) * 1_000_000_000n)
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (!Number.isSafeInteger(Number(text)))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  return Number(text)
}

/** Any value but 0 and false counts, as in the API machinery; a bare `?follow` too. */
function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text !== null && text !== '0' && text.toLowerCase() !== 'false'
}
