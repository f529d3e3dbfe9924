import { useMutation, useQueryClient } from '@tanstack/react-query'

import { bodyOf, client } from '@/lib/api/client'

import { sessionQuery } from './get-session'

export type Credentials = { username: string; password: string }

/** Begins a session; what was seen before it may have been for the eyes of somebody else. */
export function useLogIn() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: Credentials) => bodyOf(await client.POST('/api/v1/session', { body })),
    onSuccess: (session) => {
      queryClient.clear()
      queryClient.setQueryData(sessionQuery.queryKey, session)
    },
  })
}
