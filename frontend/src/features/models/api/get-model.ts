import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

export type Model = components['schemas']['Model']

export const modelQuery = queryOptions({
  queryKey: ['model'],
  queryFn: async () => bodyOf(await client.GET('/api/v1/model')),
  staleTime: 60_000,
})
