import { infiniteQueryOptions } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

import { toListQuery, type ResultsView } from '../view'

export type AnalysisRow = components['schemas']['AnalysisRow']
type AnalysisPage = components['schemas']['AnalysisPage']

const pageSize = 200

/** The rows of a batch as a view asks for them, page by page. */
export function analysesQuery(batchId: string, view: ResultsView) {
  const question = toListQuery(view)
  const queryKey = ['analyses', batchId, question] as const
  return infiniteQueryOptions({
    queryKey,
    queryFn: async ({ pageParam: cursor, client: queryClient }): Promise<AnalysisPage> => {
      const known = queryClient.getQueryData<{ pages: AnalysisPage[]; pageParams: string[] }>(
        queryKey,
      )
      const page = known?.pages[known.pageParams.indexOf(cursor)]
      if (page && isFinal(page, question)) return page
      return bodyOf(
        await client.GET('/api/v1/analyses', {
          params: {
            query: { batch: batchId, limit: pageSize, ...question, ...(cursor && { cursor }) },
          },
        }),
      )
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    select: ({ pages }) => pages.flatMap(({ results }) => results),
  })
}

/** A batch of thousands is asked for again while it runs; full pages whose rows have all ended stay as they are. */
function isFinal(page: AnalysisPage, question: ReturnType<typeof toListQuery>): boolean {
  const isWholeBatchInOrder =
    question.ordering === 'ordinal' && !('state' in question) && !('verdict' in question)
  return isWholeBatchInOrder && page.next_cursor !== null && page.results.every(hasEnded)
}

function hasEnded({ state }: AnalysisRow): boolean {
  return state !== 'waiting' && state !== 'paused' && state !== 'running'
}
