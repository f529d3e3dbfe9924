import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { readPlace } from '../place'

/** Where an image was taken, as its file says; the server tells staff alone. */
export const placeQuery = (analysisId: string) =>
  queryOptions({
    queryKey: ['place', analysisId],
    queryFn: async () => {
      const { metadata } = bodyOf(
        await client.GET('/api/v1/analyses/{analysis_id}/evidence', {
          params: { path: { analysis_id: analysisId }, query: { gps: true } },
        }),
      )
      return readPlace(metadata)
    },
    staleTime: Infinity,
  })
