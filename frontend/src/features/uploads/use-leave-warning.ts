import { useEffect } from 'react'

/** Files live in this page alone until they are sent: leaving it would lose them. */
export function useLeaveWarning(isAnyUnsent: boolean) {
  useEffect(() => {
    if (!isAnyUnsent) return
    function warn(event: BeforeUnloadEvent) {
      event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
    }
  }, [isAnyUnsent])
}
