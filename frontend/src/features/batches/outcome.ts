import { formatCount, formatCounted } from '@/lib/numbers'

import type { Batch } from './api/get-batch'

type Progress = Pick<Batch, 'state' | 'counts' | 'total'>

/** How far a batch has come and, at its end, what came of it: `39 done, 1 failed`. */
export function outcomeOf({ state, counts, total }: Progress): string {
  const ended = counts.done + counts.failed + counts.quarantined
  switch (state) {
    case 'running':
      return `${formatCount(ended)} of ${formatCounted(total, 'image')} analysed so far`
    case 'paused':
      return `${formatCount(ended)} of ${formatCounted(total, 'image')} analysed, paused`
    case 'cancelled':
    case 'finished':
      return [
        `${formatCount(counts.done)} done`,
        ...countedUnlessNone(counts.failed, 'failed'),
        ...countedUnlessNone(counts.quarantined, 'quarantined'),
        ...countedUnlessNone(counts.cancelled, 'cancelled'),
      ].join(', ')
  }
}

function countedUnlessNone(count: number, word: string): string[] {
  return count > 0 ? [`${formatCount(count)} ${word}`] : []
}
