import { createContext, use, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'

import type { UploadQueue } from './queue'
import type { Upload } from './upload'

/** Files that were dropped and wait for the word to send them. */
export type Staged = {
  files: readonly File[]
  add: (files: readonly File[]) => void
  clear: () => void
}

const QueueContext = createContext<UploadQueue | null>(null)
const StagedContext = createContext<Staged | null>(null)

/** Stands above the pages, so that an upload outlives the page and the session it began in. */
export function UploadsProvider({ queue, children }: { queue: UploadQueue; children: ReactNode }) {
  const [files, setFiles] = useState<readonly File[]>([])
  const staged = useMemo(
    () => ({
      files,
      add: (more: readonly File[]) => {
        setFiles((before) => [...before, ...more])
      },
      clear: () => {
        setFiles([])
      },
    }),
    [files],
  )
  return (
    <QueueContext value={queue}>
      <StagedContext value={staged}>{children}</StagedContext>
    </QueueContext>
  )
}

export function useUploadQueue(): UploadQueue {
  return present(use(QueueContext))
}

export function useUploads(): readonly Upload[] {
  const { subscribe, getUploads } = useUploadQueue()
  return useSyncExternalStore(subscribe, getUploads)
}

export function useStaged(): Staged {
  return present(use(StagedContext))
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('Uploads need an UploadsProvider above them')
  return value
}
