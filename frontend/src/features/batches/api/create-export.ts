import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

import { exportsQuery } from './list-exports'

export type ExportRequest = components['schemas']['ExportRequestRequest']

/** Has a batch's results written into a file. */
export function useCreateExport(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: ExportRequest) =>
      bodyOf(
        await client.POST('/api/v1/batches/{batch_id}/exports', {
          params: { path: { batch_id: batchId } },
          body,
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: exportsQuery(batchId).queryKey }),
  })
}
