import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

export type Token = components['schemas']['Token']

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => bodyOf(await client.GET('/api/v1/tokens')).results,
})
