import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

export type ModelVersionDetail = components['schemas']['ModelVersionDetail']

/** One version with everything its bundle says about itself. */
export const modelVersionQuery = (version: string) =>
  queryOptions({
    queryKey: ['models', version],
    queryFn: async () =>
      bodyOf(await client.GET('/api/v1/models/{version}', { params: { path: { version } } })),
    staleTime: 60_000,
  })
