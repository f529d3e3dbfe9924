import { useMutation, useQueryClient } from '@tanstack/react-query'

import { client } from '@/lib/api/client'

import { tokensQuery } from './list-tokens'

export function useRevokeToken() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (tokenId: string) =>
      client.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: tokenId } } }),
    onSuccess: () => queryClient.invalidateQueries(tokensQuery),
  })
}
