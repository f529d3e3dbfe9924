import { Outlet, useNavigate, useRouteContext, useRouter } from '@tanstack/react-router'
import { useCallback, useRef } from 'react'

import { BatchOutcome } from '@/features/batches/components/batch-outcome'
import { UserMenu } from '@/features/session/components/user-menu'
import { UploadTray } from '@/features/uploads/components/upload-tray'
import { WindowDrop } from '@/features/uploads/components/window-drop'
import {
  useForgetUploads,
  useStaged,
  useUnsentCount,
  useUploadsOf,
} from '@/features/uploads/uploads-context'

import classes from './desk.module.css'
import { Navigation } from './navigation'
import { useFocusAfterNavigation } from './use-focus-after-navigation'
import { useSamePerson } from './use-same-person'

/** What stands around every page: the way to the others, the uploads, and an open hand for files. */
export function Desk() {
  const { user } = useRouteContext({ from: '/desk' })
  const router = useRouter()
  const navigate = useNavigate()
  const { add } = useStaged()
  const unsentFiles = useUnsentCount()
  const forgetUploads = useForgetUploads()
  useUploadsOf(user.username)
  useSamePerson(user)
  const page = useRef<HTMLElement>(null)
  useFocusAfterNavigation(page)

  const takeFiles = useCallback(
    (files: readonly File[]) => {
      add(files)
      void navigate({ to: '/' })
    },
    [add, navigate],
  )

  function leave() {
    forgetUploads()
    void router.invalidate()
  }

  return (
    <div className={classes.desk}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <header className={classes.bar}>
        <Navigation />
        <div className={classes.user}>
          <UserMenu user={user} unsentFiles={unsentFiles} onLoggedOut={leave} />
        </div>
      </header>
      <main ref={page} id="page" className={classes.page} tabIndex={-1}>
        <Outlet />
      </main>
      <UploadTray outcome={(batchId) => <BatchOutcome batchId={batchId} />} />
      <WindowDrop onFiles={takeFiles} />
    </div>
  )
}
