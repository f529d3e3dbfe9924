import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

type Schemas = components['schemas']
export type Analysis = Schemas['Analysis']
export type Face = Schemas['Face']
export type Quality = Schemas['Quality']
export type Reason = Schemas['Reason']

const whileWaitingMilliseconds = 1500

/** One result with its evidence, asked for again until it has ended. */
export const analysisQuery = (analysisId: string) =>
  queryOptions({
    queryKey: ['analysis', analysisId],
    queryFn: async () =>
      bodyOf(
        await client.GET('/api/v1/analyses/{analysis_id}', {
          params: { path: { analysis_id: analysisId } },
        }),
      ),
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'waiting' || data?.state === 'running' ? whileWaitingMilliseconds : false,
  })
