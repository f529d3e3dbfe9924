import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { analysesQuery } from '../api/list-analyses'
import type { ResultsView } from '../view'

/** Where a result stands in the list it was opened from, and what stands beside it. */
export type Neighbours = {
  previous: string | null
  next: string | null
  /** From 1; null while the list has not come that far, or when the result is not on it. */
  place: number | null
}

export function useNeighbours(batchId: string, analysisId: string, view: ResultsView): Neighbours {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    analysesQuery(batchId, view),
  )
  const ids = data?.map(({ id }) => id) ?? []
  const index = ids.indexOf(analysisId)
  const isAtEnd = index === -1 || index === ids.length - 1
  const needsMore = isAtEnd && hasNextPage && !error // an error would be asked for without end

  useEffect(() => {
    if (needsMore && !isFetchingNextPage) void fetchNextPage()
  }, [needsMore, isFetchingNextPage, fetchNextPage])

  if (index === -1) return { previous: null, next: null, place: null }
  return { previous: ids[index - 1] ?? null, next: ids[index + 1] ?? null, place: index + 1 }
}
