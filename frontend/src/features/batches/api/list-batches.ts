import { infiniteQueryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

const pageSize = 50
const whileRunningMilliseconds = 5000

export const batchesQuery = infiniteQueryOptions({
  queryKey: ['batches'],
  queryFn: async ({ pageParam: cursor }) =>
    bodyOf(
      await client.GET('/api/v1/batches', {
        params: { query: { limit: pageSize, ...(cursor && { cursor }) } },
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor,
  select: ({ pages }) => pages.flatMap(({ results }) => results),
  refetchInterval: ({ state }) =>
    state.data?.pages[0]?.results.some((batch) => batch.state === 'running')
      ? whileRunningMilliseconds
      : false,
})
