import { useMutation } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { useShowBatch } from './use-show-batch'

/** Lets nothing more of a batch be started; what runs ends. */
export function usePauseBatch(batchId: string) {
  return useMutation({
    mutationFn: async () =>
      bodyOf(
        await client.POST('/api/v1/batches/{batch_id}/pause', {
          params: { path: { batch_id: batchId } },
        }),
      ),
    onSuccess: useShowBatch(),
  })
}
