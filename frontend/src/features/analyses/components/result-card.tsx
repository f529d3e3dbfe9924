import { Link } from '@tanstack/react-router'
import { memo } from 'react'

import { VerdictMark } from '@/components/verdict-mark'

import type { Reason } from '../api/get-analysis'
import type { AnalysisRow } from '../api/list-analyses'
import { decidingReasons, reasonLabel } from '../reasons'
import type { ResultsView } from '../view'
import { captionWords, hasFailed, markOf, outcomeWords } from '../words'
import classes from './result-card.module.css'
import { Thumbnail } from './thumbnail'

type Props = { row: AnalysisRow; view: ResultsView }

/** Remembered, because scrolling draws the grid again and a link is costly to work out. */
export const ResultCard = memo(function ResultCard({ row, view }: Props) {
  const mark = markOf(row)
  return (
    <Link
      to="/batches/$batchId/analyses/$analysisId"
      params={{ batchId: row.batch, analysisId: row.id }}
      search={view}
      className={classes.card}
      title={row.filename}
      data-testid="result-card"
      data-state={row.state}
      data-verdict={row.verdict}
    >
      <Thumbnail url={row.thumbnail_url} />
      {mark && (
        <span className={classes.corner}>
          <VerdictMark verdict={mark} label={outcomeWords(row)} />
        </span>
      )}
      <ReasonBadge reasons={decidingReasons(row.reasons)} />
      {hasFailed(row.state) && (
        <span data-testid="failure-card" className={classes.failure}>
          {row.error?.detail}
        </span>
      )}
      <span className={classes.outcome}>{captionWords(row)}</span>
      <span className={classes.name}>{row.filename}</span>
    </Link>
  )
})

/** The first reason in a word or two, and how many more there are. */
function ReasonBadge({ reasons }: { reasons: readonly Reason[] }) {
  const [first, ...more] = reasons
  if (!first) return null
  return (
    <span className={classes.badge} title={reasons.map(reasonLabel).join(', ')}>
      <span>{reasonLabel(first)}</span>
      {more.length > 0 && ` +${more.length}`}
    </span>
  )
}
