import type { Metadata } from 'next'
import { RunPage } from '#components/runs/run/run-page.tsx'

type Props = { params: Promise<{ namespace: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function Page({ params }: Props) {
  const { namespace, name } = await params
  return <RunPage namespace={decodeURIComponent(namespace)} name={decodeURIComponent(name)} />
}
