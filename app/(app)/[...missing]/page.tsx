import { notFound } from 'next/navigation'

/** Every address that no other page has: so that its answer stands in the frame. */
export default function MissingPage() {
  notFound()
}
