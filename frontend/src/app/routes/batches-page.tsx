import { Anchor, Box, Button, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { batchesQuery } from '@/features/batches/api/list-batches'
import { BatchList, BatchListSkeleton } from '@/features/batches/components/batch-list'
import { problemOf } from '@/lib/api/problem'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './page.module.css'

export function BatchesPage() {
  usePageTitle('Batches')
  return (
    <div className={classes.narrow}>
      <Title order={1} className={classes.title ?? ''}>
        Batches
      </Title>
      <Batches />
    </div>
  )
}

function Batches() {
  const batches = useInfiniteQuery(batchesQuery)
  if (!batches.data) {
    if (!batches.error) return <BatchListSkeleton />
    return (
      <ProblemAlert problem={problemOf(batches.error)} onRetry={() => void batches.refetch()} />
    )
  }
  if (batches.data.length === 0) {
    return (
      <Text c="dimmed">
        No batches yet.{' '}
        <Anchor component={Link} to="/">
          Drop some photos
        </Anchor>{' '}
        to make the first.
      </Text>
    )
  }
  return (
    <>
      {batches.error && (
        <Box mb="md">
          <ProblemAlert problem={problemOf(batches.error)} onRetry={() => void batches.refetch()} />
        </Box>
      )}
      <BatchList batches={batches.data} />
      {batches.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={batches.isFetchingNextPage}
          onClick={() => void batches.fetchNextPage()}
        >
          Older batches
        </Button>
      )}
    </>
  )
}
