'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { formatLogAddress, type LogAddress, parseLogAddress } from './log-address.ts'

const writeMs = 250

export type HeldAddress = {
  address: LogAddress
  change: (changes: Partial<LogAddress>) => void
  /** To a line, wherever in the log it is. */
  jump: (row: number) => void
  jumps: number
}

/** What of the viewer stands in the address; in a browser only. `jumps` counts how often it was to lead to a line. */
export function useLogAddress(): HeldAddress {
  const [address, setAddress] = useState(readAddress)
  const [jumps, setJumps] = useState(1)
  const own = useRef(false)

  useEffect(() => {
    const read = () => {
      setAddress(readAddress())
      setJumps((count) => count + 1)
    }
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])

  const change = useCallback((changes: Partial<LogAddress>) => {
    own.current = true
    setAddress((now) => ({ ...now, ...changes }))
  }, [])

  const jump = useCallback(
    (row: number) => {
      change({ range: { from: row, to: row } })
      setJumps((count) => count + 1)
    },
    [change],
  )

  useEffect(() => {
    if (!own.current) return
    // Browsers refuse a history that is written at every keystroke.
    const timer = setTimeout(() => {
      own.current = false
      const text = formatLogAddress(address, new URLSearchParams(location.search))
      if (text !== location.search + location.hash) {
        history.replaceState(null, '', location.pathname + text)
      }
    }, writeMs)
    return () => clearTimeout(timer)
  }, [address])

  return { address, change, jump, jumps }
}

function readAddress(): LogAddress {
  return parseLogAddress(new URLSearchParams(location.search), location.hash)
}
