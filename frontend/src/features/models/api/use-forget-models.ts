import { useQueryClient } from '@tanstack/react-query'

import { modelQuery } from './get-model'
import { modelsQuery } from './list-models'

/** After a change everything known of models is asked for again. */
export function useForgetModels() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
      queryClient.invalidateQueries({ queryKey: modelQuery.queryKey }),
    ])
}
