import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { sessionQuery } from './get-session'

export type Credentials = { username: string; password: string }

export function useLogIn() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: Credentials) => bodyOf(await client.POST('/api/v1/session', { body })),
    onSuccess: (session) => {
      queryClient.setQueryData(sessionQuery.queryKey, session)
    },
  })
}
