'use client'
import { useEffect, useState } from 'react'
import type { BindingView } from '#server/access/views/binding.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { SealedPlan } from './sealed-plan.ts'

/** The plan as the pending run carries it, read and hashed here; what does that comes after the page. */
export function useSealedPlan(
  run: Pick<RunView, 'params'> | undefined,
  { digest }: Pick<NonNullable<BindingView['seal']>, 'digest'>,
): SealedPlan | undefined {
  const text = run?.params.find(({ name }) => name === 'plan')?.value
  const [read, setRead] = useState<{ text: unknown; digest: string; sealed?: SealedPlan }>()

  useEffect(() => {
    if (typeof text !== 'string') return
    let stale = false
    void import('./sealed-plan.ts').then(({ sealedPlan }) => {
      if (!stale) setRead({ text, digest, sealed: sealedPlan(text, digest) })
    })
    return () => {
      stale = true
    }
  }, [text, digest])

  return read?.text === text && read?.digest === digest ? read.sealed : undefined
}
