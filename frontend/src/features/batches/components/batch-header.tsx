import { Progress, Skeleton, Text } from '@mantine/core'
import type { ReactNode } from 'react'

import { TimeAgo } from '@/components/time-ago'
import { formatCount, formatCounted, formatRate } from '@/lib/numbers'
import { formatLeft } from '@/lib/times'

import type { Batch } from '../api/get-batch'
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
          <p className={classes.figures} role="status">
            {isRunning ? <RunningFigures batch={batch} /> : <FinishedFigures batch={batch} />}
          </p>
          {children}
        </div>
      </div>
      <Progress
        value={batch.progress * 100}
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

function RunningFigures({ batch }: { batch: Batch }) {
  const ended = batch.total - batch.counts.waiting - batch.counts.running
  return (
    <>
      <b>
        {formatCount(ended)} / {formatCount(batch.total)}
      </b>
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
    <div className={classes.header} aria-busy="true" aria-label="Loading the batch">
      <Skeleton height={32} width="min(320px, 70%)" />
      <Skeleton height={8} />
    </div>
  )
}
