import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

import type { Batch } from './get-batch'

export type Comparison = components['schemas']['Comparison']

/** It looks at every row, so it is asked for less often than the batch itself. */
const whileRunningMilliseconds = 10_000

/** What another model changed; asked for anew while the batch runs and when it has ended. */
export const comparisonQuery = ({ id, state }: Pick<Batch, 'id' | 'state'>) =>
  queryOptions({
    queryKey: ['comparison', id, state],
    queryFn: async () =>
      bodyOf(
        await client.GET('/api/v1/batches/{batch_id}/comparison', {
          params: { path: { batch_id: id } },
        }),
      ),
    placeholderData: (before) => before,
    refetchInterval: state === 'running' ? whileRunningMilliseconds : false,
  })
