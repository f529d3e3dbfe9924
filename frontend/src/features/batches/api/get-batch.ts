import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import { problemOf } from '@/lib/api/problem'
import type { components } from '@/lib/api/schema'

import { pollDelay } from '../poll-delay'

export type Batch = components['schemas']['Batch']

/** One batch, asked for again and again while it runs. */
export const batchQuery = (batchId: string) =>
  queryOptions({
    queryKey: ['batch', batchId],
    queryFn: async () =>
      bodyOf(
        await client.GET('/api/v1/batches/{batch_id}', {
          params: { path: { batch_id: batchId } },
        }),
      ),
    refetchInterval: ({ state: { data, error, dataUpdateCount } }) => {
      const isGone = error !== null && problemOf(error).status === 404
      return data && !isGone ? pollDelay(data, dataUpdateCount) : false
    },
  })
