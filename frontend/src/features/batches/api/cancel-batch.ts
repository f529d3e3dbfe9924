import { useMutation } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { useShowBatch } from './use-show-batch'

/** Stops a batch and keeps what is done. */
export function useCancelBatch(batchId: string) {
  return useMutation({
    mutationFn: async () =>
      bodyOf(
        await client.POST('/api/v1/batches/{batch_id}/cancel', {
          params: { path: { batch_id: batchId } },
        }),
      ),
    onSuccess: useShowBatch(),
  })
}
