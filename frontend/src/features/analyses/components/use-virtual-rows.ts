import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'

import type { AnalysisRow } from '../api/list-analyses'

/** What is loaded of a list, and the way to more of it. */
export type Rows = {
  loaded: readonly AnalysisRow[]
  /** Whether scrolling on asks for more: not after an error, which would be asked for without end. */
  hasMore: boolean
  loadMore: () => void
}

type Options = { rows: Rows; perLine: number; lineHeight: number }

/** Lines beyond the window that stay in the page, and at which the next rows are asked for. */
const overscanLines = 6

export function useVirtualRows({ rows, perLine, lineHeight }: Options) {
  const listRef = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const lineCount = Math.ceil(rows.loaded.length / perLine)

  const virtualizer = useWindowVirtualizer({
    count: lineCount,
    estimateSize: () => lineHeight,
    overscan: overscanLines,
    scrollMargin: top,
  })

  useLayoutEffect(() => {
    setTop(listRef.current ? listRef.current.getBoundingClientRect().top + window.scrollY : 0)
    virtualizer.measure()
  }, [virtualizer, lineHeight])

  const lastLine = virtualizer.getVirtualItems().at(-1)?.index ?? 0
  const { hasMore, loadMore } = rows
  useEffect(() => {
    if (hasMore && lastLine >= lineCount - 1) loadMore()
  }, [hasMore, loadMore, lastLine, lineCount])

  return { listRef, virtualizer }
}
