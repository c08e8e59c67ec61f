import type { Metadata } from 'next'
import { TaskPage } from '#components/runs/task/task-page.tsx'

type Props = { params: Promise<{ namespace: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function Page({ params }: Props) {
  const { namespace, name } = await params
  return <TaskPage namespace={decodeURIComponent(namespace)} name={decodeURIComponent(name)} />
}
