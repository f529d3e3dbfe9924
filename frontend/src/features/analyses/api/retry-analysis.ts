import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { analysisQuery } from './get-analysis'

/** Has one image analysed again that has no result. */
export function useRetryAnalysis(analysisId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () =>
      bodyOf(
        await client.POST('/api/v1/analyses/{analysis_id}/retry', {
          params: { path: { analysis_id: analysisId } },
        }),
      ),
    onSuccess: (analysis) => {
      queryClient.setQueryData(analysisQuery(analysisId).queryKey, analysis)
      void queryClient.invalidateQueries({ queryKey: ['batch', analysis.batch] })
      // Whole, since pages whose rows had ended are not asked for again: see list-analyses.
      void queryClient.resetQueries({ queryKey: ['analyses', analysis.batch] })
    },
  })
}
