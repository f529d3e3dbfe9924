import type { ResultsView } from '../view'
import { ResultCard } from './result-card'
import classes from './result-grid.module.css'
import type { Rows } from './use-virtual-rows'
import { useVirtualRows } from './use-virtual-rows'
import { useWidth } from './use-width'

const gap = 12
const captionHeight = 42

/** Results side by side; only the rows near the window are in the page. */
export function ResultGrid({ rows, view }: { rows: Rows; view: ResultsView }) {
  const { ref, width } = useWidth()
  const columns = columnsIn(width)
  const tileWidth = (width - gap * (columns - 1)) / columns
  const { listRef, virtualizer } = useVirtualRows({
    rows,
    perLine: columns,
    lineHeight: tileWidth + captionHeight + gap + 8,
  })

  return (
    <div ref={ref}>
      <div
        ref={listRef}
        className={classes.list}
        style={{
          height: virtualizer.getTotalSize(),
          visibility: width === 0 ? 'hidden' : 'visible',
        }}
      >
        {virtualizer.getVirtualItems().map(({ index, start, key }) => (
          <div
            key={key}
            className={classes.line}
            style={{
              gap,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              transform: `translateY(${start - virtualizer.options.scrollMargin}px)`,
            }}
          >
            {rows.loaded.slice(index * columns, (index + 1) * columns).map((row) => (
              <ResultCard key={row.id} row={row} view={view} />
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

/** Two across on a phone; elsewhere thumbnails of 160 px or a little more. */
function columnsIn(width: number): number {
  return Math.max(2, Math.floor((width + gap) / (160 + gap)))
}
