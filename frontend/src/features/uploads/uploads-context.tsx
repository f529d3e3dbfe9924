import {
  createContext,
  use,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'

import type { UploadQueue } from './queue'
import { isUnderWay, tally, type Upload } from './upload'
import { useLeaveWarning } from './use-leave-warning'

/** Files that were dropped and wait for the word to send them. */
export type Staged = {
  files: readonly File[]
  /** What somebody typed as the name of the batch; null while nobody has. */
  name: string | null
  add: (files: readonly File[]) => void
  setName: (name: string) => void
  clear: () => void
}

/** Whose files these are. */
type Ownership = {
  claim: (username: string) => void
  forget: () => void
}

const QueueContext = createContext<UploadQueue | null>(null)
const StagedContext = createContext<Staged | null>(null)
const OwnershipContext = createContext<Ownership | null>(null)

/** Stands above the pages, so that an upload outlives the page and the session it began in. */
export function UploadsProvider({ queue, children }: { queue: UploadQueue; children: ReactNode }) {
  const [files, setFiles] = useState<readonly File[]>([])
  const [name, setName] = useState<string | null>(null)
  const owner = useRef<string | null>(null)
  const uploads = useSyncExternalStore(queue.subscribe, queue.getUploads)
  useLeaveWarning(uploads.some(isUnderWay) || tally(uploads).failed > 0)

  const clear = useCallback(() => {
    setFiles([])
    setName(null)
  }, [])
  const staged = useMemo(
    () => ({
      files,
      name,
      add: (more: readonly File[]) => {
        setFiles((before) => [...before, ...more])
      },
      setName,
      clear,
    }),
    [files, name, clear],
  )
  const ownership = useMemo(() => {
    function forget() {
      clear()
      queue.clear()
    }
    function claim(username: string) {
      if (owner.current !== null && owner.current !== username) forget()
      owner.current = username
    }
    return { claim, forget }
  }, [queue, clear])

  return (
    <QueueContext value={queue}>
      <OwnershipContext value={ownership}>
        <StagedContext value={staged}>{children}</StagedContext>
      </OwnershipContext>
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

/** Files wait for whoever chose them, also over the end of a session: nobody else sees or sends them. */
export function useUploadsOf(username: string) {
  const { claim } = present(use(OwnershipContext))
  useLayoutEffect(() => {
    claim(username)
  }, [claim, username])
}

/** Forgets the files that were chosen and those on their way. */
export function useForgetUploads(): () => void {
  return present(use(OwnershipContext)).forget
}

/** How many files this window holds that the server has not taken in yet. */
export function useUnsentCount(): number {
  const { sending, queued, failed } = tally(useUploads())
  return useStaged().files.length + sending + queued + failed
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('Uploads need an UploadsProvider above them')
  return value
}
