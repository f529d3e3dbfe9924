import { useRouter } from '@tanstack/react-router'
import { useEffect, type RefObject } from 'react'

/** When what had the focus went away with the page before: on the way up it goes to the link to that page, else to the page as a whole. */
export function useFocusAfterNavigation(page: RefObject<HTMLElement | null>) {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, toLocation, pathChanged }) => {
        if (!fromLocation || !pathChanged) return
        const isUp = fromLocation.pathname.startsWith(`${toLocation.pathname}/`)
        // Long lists draw their lines after they were scrolled to their place.
        requestAnimationFrame(() => {
          const { activeElement } = document
          if (activeElement !== document.body && activeElement !== page.current) return
          const link = isUp ? linkTo(fromLocation.pathname, page.current) : undefined
          const target = link ?? page.current
          target?.focus({ preventScroll: true })
        })
      }),
    [router, page],
  )
}

function linkTo(pathname: string, page: HTMLElement | null): HTMLElement | undefined {
  return [...(page?.querySelectorAll('a') ?? [])].find((link) => link.pathname === pathname)
}
