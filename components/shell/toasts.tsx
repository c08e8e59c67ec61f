'use client'
import dynamic from 'next/dynamic'

/** Short words in the corner; what shows them comes after the page. */
const Toaster = dynamic(() => import('sonner').then((m) => m.Toaster), { ssr: false })

export function Toasts() {
  return <Toaster position="bottom-right" />
}
