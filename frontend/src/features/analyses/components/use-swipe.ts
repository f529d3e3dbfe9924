import { useRef, type TouchEvent } from 'react'

const shortestPixels = 64

/** Turns a clear sideways stroke of one finger into a step; scrolling and pinching stay what they are. */
export function useSwipe(onLeft: () => void, onRight: () => void) {
  const start = useRef<React.Touch>(null)
  return {
    onTouchStart: ({ touches, target }: TouchEvent) => {
      const isSteering = target instanceof Element && target.closest('.mantine-Slider-root')
      // A zoomed page is moved about by the same stroke.
      const isZoomed = (window.visualViewport?.scale ?? 1) > 1
      start.current = touches.length === 1 && !isSteering && !isZoomed ? touches.item(0) : null
    },
    onTouchEnd: ({ changedTouches }: TouchEvent) => {
      if (!start.current) return
      const end = changedTouches.item(0)
      const across = end.clientX - start.current.clientX
      const down = end.clientY - start.current.clientY
      start.current = null
      if (Math.abs(across) < shortestPixels || Math.abs(across) < 2 * Math.abs(down)) return
      if (across < 0) onLeft()
      else onRight()
    },
  }
}
