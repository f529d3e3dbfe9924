import { useMutation } from '@tanstack/react-query'

import { client } from '@/lib/api/client'

import { useForgetModels } from './use-forget-models'

export function useActivateModel() {
  const forgetModels = useForgetModels()
  return useMutation({
    mutationFn: (version: string) =>
      client.POST('/api/v1/models/{version}/activate', { params: { path: { version } } }),
    onSuccess: forgetModels,
  })
}
