import { useMutation, useQueryClient } from '@tanstack/react-query'

import { client } from '@/lib/api/client'

import { sessionQuery } from './get-session'

/** Ends the session and forgets everything this user has seen. */
export function useLogOut() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: () => client.DELETE('/api/v1/session'),
    onSuccess: () => {
      queryClient.clear()
      queryClient.setQueryData(sessionQuery.queryKey, { user: null })
    },
  })
}
