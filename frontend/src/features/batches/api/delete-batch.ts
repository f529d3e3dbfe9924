import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { batchQuery } from './get-batch'
import { batchesQuery } from './list-batches'

/** Deletes a batch for good; what comes back is the receipt. */
export function useDeleteBatch(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () =>
      bodyOf(
        await client.DELETE('/api/v1/batches/{batch_id}', {
          params: { path: { batch_id: batchId } },
        }),
      ),
    onSuccess: () => {
      queryClient.removeQueries({ queryKey: batchQuery(batchId).queryKey })
      queryClient.removeQueries({ queryKey: ['analyses', batchId] })
      void queryClient.invalidateQueries({ queryKey: batchesQuery.queryKey })
    },
  })
}
