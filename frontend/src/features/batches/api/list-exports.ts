import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

export type Export = components['schemas']['Export']

const whileWritingMilliseconds = 1500

export function isBeingWritten({ state }: Pick<Export, 'state'>): boolean {
  return state === 'waiting' || state === 'running'
}

/** The files of a batch's results that are still kept; asked for again while one is being written. */
export const exportsQuery = (batchId: string) =>
  queryOptions({
    queryKey: ['exports', batchId],
    queryFn: async () =>
      bodyOf(
        await client.GET('/api/v1/batches/{batch_id}/exports', {
          params: { path: { batch_id: batchId } },
        }),
      ).results,
    refetchInterval: ({ state }) =>
      state.data?.some(isBeingWritten) ? whileWritingMilliseconds : false,
  })
