import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { Verdict } from '@/lib/verdicts'

import { batchQuery } from './get-batch'
import { batchesQuery } from './list-batches'

/** Which model, and of which results; no verdicts are all results. */
export type Repeat = { model_version: string; verdicts: Verdict[] }

/** Has another model judge a batch's images in a new batch. */
export function useAnalyseAgain(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: Repeat) =>
      bodyOf(
        await client.POST('/api/v1/batches/{batch_id}/reanalyse', {
          params: { path: { batch_id: batchId } },
          body,
        }),
      ),
    onSuccess: (made) => {
      queryClient.setQueryData(batchQuery(made.id).queryKey, made)
      void queryClient.invalidateQueries({ queryKey: batchesQuery.queryKey })
    },
  })
}
