import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

import { useShowBatch } from './use-show-batch'

export type Which = components['schemas']['WhichEnum']

/** Has what failed analysed again, or everything without a result. */
export function useRetryBatch(batchId: string) {
  const queryClient = useQueryClient()
  const showBatch = useShowBatch()
  return useMutation({
    mutationFn: async (which: Which) =>
      bodyOf(
        await client.POST('/api/v1/batches/{batch_id}/retry', {
          params: { path: { batch_id: batchId } },
          body: { which },
        }),
      ),
    onSuccess: (batch) => {
      showBatch(batch)
      // Whole, since pages whose rows had ended are not asked for again: see list-analyses.
      void queryClient.resetQueries({ queryKey: ['analyses', batchId] })
    },
  })
}
