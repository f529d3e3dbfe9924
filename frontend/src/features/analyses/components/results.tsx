import { Box, Skeleton, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'

import { analysesQuery } from '../api/list-analyses'
import type { ResultsView } from '../view'
import { ResultGrid } from './result-grid'
import { ResultTable } from './result-table'
import classes from './results.module.css'

type Props = { batchId: string; view: ResultsView }

/** The results of a batch as the view wants them. */
export function Results({ batchId, view }: Props) {
  const analyses = useInfiniteQuery(analysesQuery(batchId, view))
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError, error } = analyses
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])

  if (!analyses.data) {
    if (!analyses.error) return <ResultsSkeleton />
    return (
      <ProblemAlert problem={problemOf(analyses.error)} onRetry={() => void analyses.refetch()} />
    )
  }
  if (analyses.data.length === 0) {
    return (
      <Text c="dimmed" py="xl">
        {view.show
          ? 'No result of this kind. Choose another above.'
          : 'No images in this batch yet.'}
      </Text>
    )
  }
  const rows = { loaded: analyses.data, hasMore: analyses.hasNextPage && !error, loadMore }
  const Layout = view.layout === 'table' ? ResultTable : ResultGrid
  return (
    <>
      <Layout rows={rows} view={view} />
      {isFetchingNextPage && (
        <Text c="dimmed" size="sm" py="sm" role="status">
          Loading more results
        </Text>
      )}
      {error && !isFetchingNextPage && (
        <Box mt="md">
          <ProblemAlert
            problem={problemOf(error)}
            onRetry={() => void (isFetchNextPageError ? fetchNextPage() : analyses.refetch())}
          />
        </Box>
      )}
    </>
  )
}

export function ResultsSkeleton() {
  return (
    <div className={classes.skeleton} role="status" aria-busy="true" aria-label="Loading results">
      {Array.from({ length: 12 }, (_, place) => (
        <Skeleton key={place} className={classes.tile ?? ''} radius="md" />
      ))}
    </div>
  )
}
