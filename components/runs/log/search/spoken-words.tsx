'use client'
import { useEffect, useRef, useState } from 'react'
import { type Settling, settleWords } from './settle-words.ts'

/** Says a text that is shown elsewhere to a screen reader, once it has come to rest. */
export function SpokenWords({ text }: { text: string }) {
  const [spoken, setSpoken] = useState('')
  const settling = useRef<Settling>(undefined)
  useEffect(() => {
    const one = settleWords(setSpoken)
    settling.current = one
    return () => one.end()
  }, [])
  useEffect(() => settling.current?.hear(text), [text])
  return (
    <span role="status" className="sr-only">
      {spoken}
    </span>
  )
}
