import { useMutation } from '@tanstack/react-query'

import { client } from '@/lib/api/client'

import { useForgetModels } from './use-forget-models'

export function useStopShadow() {
  const forgetModels = useForgetModels()
  return useMutation({
    mutationFn: (version: string) =>
      client.DELETE('/api/v1/models/{version}/shadow', { params: { path: { version } } }),
    onSuccess: forgetModels,
  })
}
