import { Progress, Skeleton } from '@mantine/core'
import { Link } from '@tanstack/react-router'

import { TimeAgo } from '@/components/time-ago'
import { VerdictMark } from '@/components/verdict-mark'
import { formatCount, formatCounted, formatShare } from '@/lib/numbers'
import { verdictLabels, verdicts } from '@/lib/verdicts'

import type { Batch } from '../api/get-batch'
import classes from './batch-list.module.css'

export function BatchList({ batches }: { batches: readonly Batch[] }) {
  return (
    <ul className={classes.list}>
      {batches.map((batch) => (
        <li key={batch.id}>
          <BatchLink batch={batch} />
        </li>
      ))}
    </ul>
  )
}

export function BatchListSkeleton() {
  return (
    <div className={classes.list} role="status" aria-busy="true" aria-label="Loading batches">
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} height={68} radius={0} />
      ))}
    </div>
  )
}

function BatchLink({ batch }: { batch: Batch }) {
  const failed = batch.counts.failed + batch.counts.quarantined
  return (
    <Link to="/batches/$batchId" params={{ batchId: batch.id }} className={classes.batch}>
      <span className={classes.name}>{batch.name}</span>
      <span className={classes.when}>
        {formatCounted(batch.total, 'image')} · <TimeAgo moment={batch.created_at} />
      </span>
      {batch.state === 'running' || batch.state === 'paused' ? (
        <span className={classes.progress}>
          <Progress value={batch.progress * 100} size="sm" aria-label="Analysed" />
          {batch.state === 'paused' && 'paused '}
          {formatShare(batch.progress, 0)}
        </span>
      ) : (
        <span className={classes.verdicts}>
          {verdicts.map(
            (verdict) =>
              batch.verdicts[verdict] > 0 && (
                <span key={verdict} title={verdictLabels[verdict]}>
                  <VerdictMark verdict={verdict} size={14} /> {formatCount(batch.verdicts[verdict])}
                </span>
              ),
          )}
          {batch.state === 'cancelled' && <span>cancelled</span>}
          {failed > 0 && <span>{formatCount(failed)} failed</span>}
        </span>
      )}
    </Link>
  )
}
