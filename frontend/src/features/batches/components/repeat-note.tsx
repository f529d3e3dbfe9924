import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { VerdictMark } from '@/components/verdict-mark'
import { formatCount, formatCounted } from '@/lib/numbers'
import { verdictLabels } from '@/lib/verdicts'

import { batchQuery, type Batch } from '../api/get-batch'
import { comparisonQuery, type Comparison } from '../api/get-comparison'
import classes from './repeat-note.module.css'

type Props = { batch: Batch; originId: string }

/** Of a batch that repeats another: which one, by which model, and how many verdicts are others now. */
export function RepeatNote({ batch, originId }: Props) {
  const { data: origin } = useQuery(batchQuery(originId))
  const { data: comparison } = useQuery(comparisonQuery(batch))
  return (
    <div className={classes.note} data-testid="repeat-note">
      <p>
        Images of{' '}
        <Link to="/batches/$batchId" params={{ batchId: originId }}>
          {origin?.name ?? 'an earlier batch'}
        </Link>
        , judged again by {batch.model_version}.
      </p>
      {comparison && <Changes comparison={comparison} />}
    </div>
  )
}

function Changes({ comparison: { same, changed, changes } }: { comparison: Comparison }) {
  if (same + changed === 0) return null
  return (
    <>
      <p>
        <b>
          {formatCount(changed)} of {formatCounted(same + changed, 'verdict')} changed
        </b>
      </p>
      {changes.length > 0 && (
        <ul>
          {changes.map(({ before, after, count }) => (
            <li key={`${before} ${after}`}>
              {formatCount(count)} <VerdictMark verdict={before} size={12} label="" />{' '}
              {verdictLabels[before]} <span aria-label="became">→</span>{' '}
              <VerdictMark verdict={after} size={12} label="" /> {verdictLabels[after]}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
