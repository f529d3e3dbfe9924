import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'

import { batchQuery } from '@/features/batches/api/get-batch'
import { batchesQuery } from '@/features/batches/api/list-batches'
import { sessionQuery } from '@/features/session/api/get-session'
import { sendImages } from '@/features/uploads/api/send-images'
import { UploadQueue } from '@/features/uploads/queue'
import type { Answer } from '@/features/uploads/upload'
import { UploadsProvider } from '@/features/uploads/uploads-context'

import { createQueryClient } from './query-client'
import { createAppRouter } from './router'
import { theme } from './theme'

const queryClient = createQueryClient(returnToLogin)
const router = createAppRouter(queryClient)
const uploadQueue = new UploadQueue(sendImages, showAnswer, returnToLogin)

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark">
      <QueryClientProvider client={queryClient}>
        <UploadsProvider queue={uploadQueue}>
          <RouterProvider router={router} />
        </UploadsProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** The guard of the desk sends whoever is not logged in to the login, and back here afterwards. */
function returnToLogin() {
  queryClient.setQueryData(sessionQuery.queryKey, { user: null })
  void router.invalidate()
}

/** A new batch opens at once where somebody waits for it; elsewhere nobody is torn away. */
function showAnswer({ batch }: Answer, isFirst: boolean) {
  void queryClient.invalidateQueries({ queryKey: batchesQuery.queryKey })
  if (!isFirst) {
    void queryClient.invalidateQueries({ queryKey: batchQuery(batch.id).queryKey })
    return
  }
  queryClient.setQueryData(batchQuery(batch.id).queryKey, batch)
  if (router.state.location.pathname === '/') {
    void router.navigate({ to: '/batches/$batchId', params: { batchId: batch.id } })
  }
}
