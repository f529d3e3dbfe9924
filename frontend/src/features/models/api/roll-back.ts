import { useMutation } from '@tanstack/react-query'

import { client } from '@/lib/api/client'

import { useForgetModels } from './use-forget-models'

export function useRollBack() {
  const forgetModels = useForgetModels()
  return useMutation({
    mutationFn: () => client.POST('/api/v1/models/rollback'),
    onSuccess: forgetModels,
  })
}
