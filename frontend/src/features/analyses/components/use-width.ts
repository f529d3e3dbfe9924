import { useLayoutEffect, useRef, useState } from 'react'

/** How wide it was the last time: the first guess of the next. */
let lastWidth = 0

/** The width of a part, there before the first paint: a place on the page is found again by it. */
export function useWidth() {
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(lastWidth)
  useLayoutEffect(() => {
    const part = ref.current
    if (!part) return
    function measure() {
      lastWidth = part?.getBoundingClientRect().width ?? 0
      setWidth(lastWidth)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(part)
    return () => {
      observer.disconnect()
    }
  }, [])
  return { ref, width }
}
