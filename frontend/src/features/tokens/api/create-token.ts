import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { tokensQuery } from './list-tokens'

export function useCreateToken() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (name: string) =>
      bodyOf(await client.POST('/api/v1/tokens', { body: { name } })),
    onSuccess: () => queryClient.invalidateQueries(tokensQuery),
  })
}
