import type { Metadata } from 'next'
import { BindingPage } from '#components/access/binding/binding-page.tsx'

type Props = { params: Promise<{ namespace: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function Page({ params }: Props) {
  const { namespace, name } = await params
  return <BindingPage namespace={decodeURIComponent(namespace)} name={decodeURIComponent(name)} />
}
