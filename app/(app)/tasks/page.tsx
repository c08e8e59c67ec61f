import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { TasksPage } from '#components/runs/task/tasks-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('runs.tasks'))('title') }
}

export default function Page() {
  return <TasksPage />
}
