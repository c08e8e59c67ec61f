'use client'
import { useEffect, useState } from 'react'
import type { CheckedText } from '#server/answers/check-relations.ts'

/** The checked relations of a whole text; undefined while they are being checked. */
export function useCheck(text: string): CheckedText | undefined {
  const [checked, setChecked] = useState<CheckedText>()
  useEffect(() => {
    const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<CheckedText>) => setChecked(data)
    worker.postMessage(text)
    return () => worker.terminate()
  }, [text])
  return checked
}
