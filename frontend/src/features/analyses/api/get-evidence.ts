import { queryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

type Schemas = components['schemas']
export type Evidence = Schemas['Evidence']
export type Credentials = Schemas['Credentials']
export type SimilarImage = Schemas['Similar']
export type Spectrum = Schemas['Spectrum']

/** What the file itself has to say; worked out when asked for, and it does not change. */
export const evidenceQuery = (analysisId: string) =>
  queryOptions({
    queryKey: ['evidence', analysisId],
    queryFn: async () =>
      bodyOf(
        await client.GET('/api/v1/analyses/{analysis_id}/evidence', {
          params: { path: { analysis_id: analysisId } },
        }),
      ),
    staleTime: Infinity,
  })
