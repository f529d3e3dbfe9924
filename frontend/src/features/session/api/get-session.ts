import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

export type User = components['schemas']['User']

/** Who is logged in; asking also brings the cookie that unsafe requests must repeat. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => bodyOf(await client.GET('/api/v1/session')),
  staleTime: Infinity,
})
