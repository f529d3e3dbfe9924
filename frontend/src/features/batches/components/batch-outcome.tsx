import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { problemOf } from '@/lib/api/problem'

import { batchQuery } from '../api/get-batch'
import { outcomeOf } from '../outcome'
import classes from './batch-outcome.module.css'

/** In a line what becomes of a batch, followed until it has ended, with the way to it. */
export function BatchOutcome({ batchId }: { batchId: string }) {
  const { data: batch, error } = useQuery(batchQuery(batchId))
  if (error && problemOf(error).status === 404) return <p>The batch is not there any more.</p>
  return (
    <p className={classes.outcome} data-testid="batch-outcome">
      {/* Said aloud at the end alone: on the way there the figures change each second. */}
      <span aria-live={batch?.state === 'running' ? 'off' : 'polite'}>
        {batch ? outcomeOf(batch) : 'The rest is being analysed'}
      </span>
      <Link to="/batches/$batchId" params={{ batchId }}>
        Open the batch
      </Link>
    </p>
  )
}
