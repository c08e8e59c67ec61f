'use client'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { AppError } from '#server/platform/model/errors.ts'
import { noteFailure } from './session.ts'

/** One cache per tab. Only what may pass by itself is asked again; a refusal is an answer. */
export function DataProvider({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onError: noteFailure }),
        mutationCache: new MutationCache({ onError: noteFailure }),
        defaultOptions: {
          queries: {
            staleTime: 10_000,
            retry: (failures, error) =>
              failures < 2 && error instanceof AppError && error.code === 'unavailable',
          },
        },
      }),
  )
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
