import { useMutation } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { useShowBatch } from './use-show-batch'

/** Lets a paused batch go on. */
export function useResumeBatch(batchId: string) {
  return useMutation({
    mutationFn: async () =>
      bodyOf(
        await client.POST('/api/v1/batches/{batch_id}/resume', {
          params: { path: { batch_id: batchId } },
        }),
      ),
    onSuccess: useShowBatch(),
  })
}
