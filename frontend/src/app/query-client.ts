import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'

import { isLoggedOut, problemOf } from '@/lib/api/problem'

/** The cache of what the server said; `onLoggedOut` runs when any answer says the session is over. */
export function createQueryClient(onLoggedOut: () => void): QueryClient {
  function noticeLogout(error: unknown) {
    if (isLoggedOut(problemOf(error))) onLoggedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError: noticeLogout }),
    mutationCache: new MutationCache({ onError: noticeLogout }),
    defaultOptions: {
      queries: { staleTime: 5_000, retry: isWorthAnotherTry, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  })
}

/** A refusal stays a refusal; a dropped connection or a busy server may pass. */
function isWorthAnotherTry(failures: number, error: Error): boolean {
  const { status } = problemOf(error)
  return failures < 2 && (status === 0 || status >= 500)
}
