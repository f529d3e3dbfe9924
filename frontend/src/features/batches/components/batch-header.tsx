import { Progress, Skeleton, Text, VisuallyHidden } from '@mantine/core'
import type { ReactNode } from 'react'

import { TimeAgo } from '@/components/time-ago'
import { formatCount, formatCounted, formatRate } from '@/lib/numbers'
import { formatLeft } from '@/lib/times'

import type { Batch } from '../api/get-batch'
import { outcomeOf } from '../outcome'
import classes from './batch-header.module.css'

type Props = {
  batch: Batch
  /** What can be done with the batch. */
  children?: ReactNode
}

/** How far a batch has come: every number is the server's. */
export function BatchHeader({ batch, children }: Props) {
  const isRunning = batch.state === 'running'
  return (
    <header className={classes.header}>
      <div className={classes.line}>
        <Text component="h1" className={classes.name} title={batch.name}>
          {batch.name}
        </Text>
        <div className={classes.side}>
          <p className={classes.figures}>
            <Figures batch={batch} />
          </p>
          <VisuallyHidden role="status">{spokenProgress(batch)}</VisuallyHidden>
          <div className={classes.actions}>{children}</div>
        </div>
      </div>
      <Progress
        value={percentAnalysed(batch)}
        size="md"
        transitionDuration={150}
        aria-label="Analysed"
        data-testid="batch-progress"
        data-state={batch.state}
        className={isRunning ? '' : (classes.over ?? '')}
      />
    </header>
  )
}

/** Said aloud in steps of a tenth: the figures change each second. */
function spokenProgress(batch: Batch): string {
  if (batch.state !== 'running') return outcomeOf(batch)
  return `${Math.floor(10 * batch.progress) * 10} % analysed`
}

/** What was cancelled has ended too, but nobody has analysed it. */
function percentAnalysed({ state, progress, total, counts }: Batch): number {
  return state === 'cancelled' && total > 0 ? (100 * counts.done) / total : 100 * progress
}

function Figures({ batch }: { batch: Batch }) {
  switch (batch.state) {
    case 'running':
      return <RunningFigures batch={batch} />
    case 'paused':
      return (
        <>
          <Ended batch={batch} />
          <span>{batch.counts.running > 0 ? 'pausing' : 'paused'}</span>
        </>
      )
    case 'cancelled':
      return (
        <>
          <b>
            {formatCount(batch.counts.done)} of {formatCounted(batch.total, 'image')} analysed
          </b>
          <span>{batch.counts.running > 0 ? 'stopping' : 'cancelled'}</span>
        </>
      )
    case 'finished':
      return <FinishedFigures batch={batch} />
  }
}

function Ended({ batch: { total, counts } }: { batch: Batch }) {
  return (
    <b>
      {formatCount(total - counts.waiting - counts.paused - counts.running)} / {formatCount(total)}
    </b>
  )
}

function RunningFigures({ batch }: { batch: Batch }) {
  const { queue } = batch
  const isBehindOthers = queue !== null && queue.waiting > batch.counts.waiting
  return (
    <>
      <Ended batch={batch} />
      {isBehindOthers && (
        <span title="Where its last image stands among all that wait in its lane">
          place {formatCount(queue.place)} of {formatCount(queue.waiting)} in the queue
        </span>
      )}
      {batch.images_per_second !== null && <span>{formatRate(batch.images_per_second)}</span>}
      {batch.seconds_left !== null && <span>{formatLeft(batch.seconds_left)}</span>}
    </>
  )
}

function FinishedFigures({ batch }: { batch: Batch }) {
  return (
    <>
      <b>{formatCounted(batch.total, 'image')}</b>
      {batch.finished_at !== null && (
        <span>
          finished <TimeAgo moment={batch.finished_at} />
        </span>
      )}
    </>
  )
}

export function BatchHeaderSkeleton() {
  return (
    <div className={classes.header} role="status" aria-busy="true" aria-label="Loading the batch">
      <VisuallyHidden component="h1">Batch</VisuallyHidden>
      <Skeleton height={32} width="min(320px, 70%)" />
      <Skeleton height={8} />
    </div>
  )
}
