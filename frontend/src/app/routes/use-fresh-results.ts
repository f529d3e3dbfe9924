import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

import type { Batch } from '@/features/batches/api/get-batch'

/** The list follows the batch's own numbers: it is asked for again when they have moved, and only then. */
export function useFreshResults(batch: Batch | undefined) {
  const queryClient = useQueryClient()
  const numbers = batch && JSON.stringify([batch.id, batch.total, batch.counts])
  const seen = useRef(numbers)
  useEffect(() => {
    const isFirstSight = seen.current === undefined
    if (numbers === seen.current) return
    seen.current = numbers
    if (isFirstSight) return
    void queryClient.invalidateQueries(
      { queryKey: ['analyses', batch?.id] },
      // On a slow line the numbers move faster than a long list comes: what is on its way may arrive.
      { cancelRefetch: batch?.state !== 'running' },
    )
  }, [queryClient, numbers, batch?.id, batch?.state])
}
