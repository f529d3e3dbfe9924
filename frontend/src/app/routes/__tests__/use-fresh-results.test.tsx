import { QueryClient, QueryClientProvider, QueryObserver } from '@tanstack/react-query'
import { renderHook } from '@testing-library/react'
import { expect, test, vi } from 'vitest'

import type { Batch } from '@/features/batches/api/get-batch'

import { useFreshResults } from '../use-fresh-results'

const batch = (done: number, state: Batch['state']) =>
  ({ id: 'one', total: 9, counts: { done }, state }) as Batch

test('a list on its way arrives while the batch runs, and is asked for anew at its end', async () => {
  const queryClient = new QueryClient()
  const fetchList = vi.fn(() => new Promise<string>(() => undefined))
  const list = new QueryObserver(queryClient, {
    queryKey: ['analyses', 'one'],
    queryFn: fetchList,
    initialData: 'rows so far',
    staleTime: Infinity,
  })
  list.subscribe(() => undefined)
  const { rerender } = renderHook(
    ({ now }: { now: Batch }) => {
      useFreshResults(now)
    },
    {
      initialProps: { now: batch(1, 'running') },
      wrapper: ({ children }) => (
        <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
      ),
    },
  )
  rerender({ now: batch(2, 'running') })
  rerender({ now: batch(3, 'running') })
  await Promise.resolve()
  expect(fetchList).toHaveBeenCalledTimes(1)
  rerender({ now: batch(9, 'finished') })
  await vi.waitFor(() => {
    expect(fetchList).toHaveBeenCalledTimes(2)
  })
})
