import { Link } from '@tanstack/react-router'
import { memo } from 'react'

import { TimeAgo } from '@/components/time-ago'
import { VerdictMark } from '@/components/verdict-mark'
import { levelOf } from '@/lib/strengths'

import type { AnalysisRow } from '../api/list-analyses'
import type { ResultsView } from '../view'
import { captionWords, hasFailed, markOf, outcomeWords, resultWords } from '../words'
import classes from './result-table.module.css'
import { Thumbnail } from './thumbnail'
import { useVirtualRows, type Rows } from './use-virtual-rows'

const lineHeight = 52

/** Results line by line, to read and compare. */
export function ResultTable({ rows, view }: { rows: Rows; view: ResultsView }) {
  const { listRef, virtualizer } = useVirtualRows({ rows, perLine: 1, lineHeight })
  const lines = virtualizer.getVirtualItems()
  const margin = virtualizer.options.scrollMargin
  const before = (lines[0]?.start ?? margin) - margin
  const after = virtualizer.getTotalSize() - ((lines.at(-1)?.end ?? margin) - margin)

  return (
    <div ref={listRef} className={classes.frame}>
      <table className={classes.table} aria-rowcount={rows.loaded.length + 1}>
        <thead>
          <tr>
            <th>File</th>
            <th>Verdict</th>
            <th className={classes.number}>Score</th>
            <th className={classes.size}>Size</th>
            <th className={classes.when}>Analysed</th>
          </tr>
        </thead>
        <tbody>
          <Gap height={before} />
          {lines.map(({ index }) => {
            const row = rows.loaded[index]
            return row && <Line key={row.id} row={row} place={index} view={view} />
          })}
          <Gap height={after} />
        </tbody>
      </table>
    </div>
  )
}

type LineProps = { row: AnalysisRow; place: number; view: ResultsView }

/** Remembered, because scrolling draws the table again and a link is costly to work out. */
const Line = memo(function Line({ row, place, view }: LineProps) {
  const mark = markOf(row)
  const result = resultWords(row)
  const level = levelOf(row.strength)
  return (
    <tr
      className={classes.line}
      style={{ height: lineHeight }}
      aria-rowindex={place + 2}
      data-testid="result-card"
      data-state={row.state}
      data-verdict={row.verdict}
    >
      <td>
        <Link
          to="/batches/$batchId/analyses/$analysisId"
          params={{ batchId: row.batch, analysisId: row.id }}
          search={view}
          className={classes.file}
          title={row.filename}
        >
          <Thumbnail url={row.thumbnail_url} />
          <span className={classes.name}>{row.filename}</span>
        </Link>
      </td>
      <td>
        <span className={classes.verdict} title={outcomeWords(row)}>
          {mark && <VerdictMark verdict={mark} size={14} />}
          <span
            className={classes.words}
            data-testid={hasFailed(row.state) ? 'failure-card' : undefined}
          >
            {outcomeWords(row)}
          </span>
        </span>
      </td>
      <td className={classes.number}>
        {result ?? (
          <span className={classes.instead} aria-hidden>
            {captionWords(row)}
          </span>
        )}
        {result && level && <span className={classes.support}>{level} support</span>}
      </td>
      <td className={classes.size}>
        {row.width} × {row.height}
      </td>
      <td className={classes.when}>{row.finished_at && <TimeAgo moment={row.finished_at} />}</td>
    </tr>
  )
})

/** Stands for the lines that are not in the page. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td className={classes.gap} />
    </tr>
  )
}
