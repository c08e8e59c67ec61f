'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useErrorWords } from '#components/ui/error-words.ts'
import { requestBindingSchema } from '#server/access/model/request-schema.ts'
import type { RequestPreview } from '#server/access/views/request-preview.ts'
import { AppError, type FieldError } from '#server/platform/model/errors.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

const numberRanges = {
  durationDays: 1,
  'quota.requestsPerMinute': 1,
  'quota.tokensPerDay': 1000,
  'quota.concurrency': 1,
} as const

type NumberField = keyof typeof numberRanges

/** The messages beside the fields: found here before sending, or by the server; one that has no field is in `rest`. */
export function useFieldErrors(limits: ModelServiceView['limits']) {
  const t = useTranslations('access.request.invalid')
  const wordsOf = useErrorWords()
  const [errors, setErrors] = useState<Map<string, string>>(new Map())

  const largest: Record<NumberField, number> = {
    durationDays: limits.maxDurationDays,
    'quota.requestsPerMinute': limits.maxQuota.requestsPerMinute,
    'quota.tokensPerDay': limits.maxQuota.tokensPerDay,
    'quota.concurrency': limits.maxQuota.concurrency,
  }

  function wordsFor(field: string): string {
    if (field in numberRanges) {
      const number = field as NumberField
      return t('range', { min: numberRanges[number], max: largest[number] })
    }
    if (field === 'alias' || field === 'justification') return t(field)
    return t('required')
  }

  /** True where the body may be sent. */
  function check(body: { durationDays: number; quota: Record<string, number> }): boolean {
    const found = new Map<string, string>()
    const parsed = requestBindingSchema.safeParse(body)
    for (const issue of parsed.error?.issues ?? []) {
      const field = issue.path.join('.')
      found.set(field, wordsFor(field))
    }
    const numbers = [
      ['durationDays', body.durationDays] as const,
      ...Object.entries(body.quota).map(([key, value]) => [`quota.${key}`, value] as const),
    ]
    for (const [field, value] of numbers) {
      if (value > largest[field as NumberField]) found.set(field, wordsFor(field))
    }
    setErrors(found)
    return found.size === 0
  }

  function take(error: Error) {
    if (!(error instanceof AppError)) return setErrors(new Map())
    const { fields = [], key, values } = error.details
    // The only field of an error is what the error itself is about.
    setErrors(
      besideFields(
        fields.map((one) =>
          one.message === error.message ? { ...one, key: one.key ?? key, values } : one,
        ),
      ),
    )
  }

  function besideFields(said: FieldError[]): Map<string, string> {
    return new Map(
      said.map((one) => {
        const field = one.field.replace(/^spec\./, '')
        // A limit is known here with its number.
        const limit = one.key === 'request.durationMax' || one.key === 'request.quotaMax'
        return [field, limit && field in largest ? wordsFor(field) : wordsOf(one)]
      }),
    )
  }

  const shown = [
    'namespace',
    'strategy',
    'alias',
    'purpose',
    'justification',
    ...Object.keys(largest),
  ]
  return {
    check,
    take,
    of: (field: string) => errors.get(field),
    /** What the server would say of it if it were sent now. */
    foreseen: (preview: RequestPreview | undefined) => besideFields(preview?.problems ?? []),
    rest: [...errors].filter(([field]) => !shown.includes(field)).map(([, text]) => text),
  }
}
