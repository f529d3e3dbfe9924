import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

import { sessionQuery, type User } from '@/features/session/api/get-session'

/** In another window somebody may have logged out, or in as somebody else: who comes back to this one is asked for anew. */
export function useSamePerson(user: User) {
  const queryClient = useQueryClient()
  const router = useRouter()
  const { data } = useQuery({ ...sessionQuery, refetchOnWindowFocus: 'always' })
  const here = data === undefined ? user.username : data.user?.username

  useEffect(() => {
    if (here === user.username) return
    const [session] = sessionQuery.queryKey
    if (here !== undefined) {
      void queryClient.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== session })
    }
    void router.invalidate()
  }, [here, user.username, queryClient, router])
}
