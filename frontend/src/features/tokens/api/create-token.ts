import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'
import type { components } from '@/lib/api/schema'

import { tokensQuery } from './list-tokens'

export type NewToken = components['schemas']['NewTokenRequest']

export function useCreateToken() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: NewToken) => bodyOf(await client.POST('/api/v1/tokens', { body })),
    onSuccess: () => queryClient.invalidateQueries(tokensQuery),
  })
}
