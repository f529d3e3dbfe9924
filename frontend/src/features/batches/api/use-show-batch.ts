import { useQueryClient } from '@tanstack/react-query'

import { batchQuery, type Batch } from './get-batch'
import { batchesQuery } from './list-batches'

/** Shows what the server answered about a batch at once, without asking again. */
export function useShowBatch() {
  const queryClient = useQueryClient()
  return (batch: Batch) => {
    queryClient.setQueryData(batchQuery(batch.id).queryKey, batch)
    void queryClient.invalidateQueries({ queryKey: batchesQuery.queryKey })
  }
}
