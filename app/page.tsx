import { redirect } from 'next/navigation'

/** The address people type leads to what they came for. */
export default function Home() {
  redirect('/access')
}
