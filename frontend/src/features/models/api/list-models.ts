import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

export type ModelVersion = components['schemas']['ModelVersion']
export type Activation = components['schemas']['Activation']

/** All versions, the newest first, and who let which one judge. */
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async () => bodyOf(await client.GET('/api/v1/models')),
})
