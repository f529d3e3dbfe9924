import type { Batch } from './api/get-batch'

const shortestMilliseconds = 1000
const longestMilliseconds = 5000
const growth = 1.2

/** How long to wait before asking again: a second at first, five later, sooner when the end is near. */
export function pollDelay(batch: Pick<Batch, 'state' | 'counts' | 'seconds_left'>, polls: number) {
  if (batch.state !== 'running' && batch.counts.running === 0) return false
  const backedOff = shortestMilliseconds * growth ** polls
  const untilEnd = batch.seconds_left === null ? Infinity : batch.seconds_left * 1000
  return Math.max(shortestMilliseconds, Math.min(backedOff, untilEnd, longestMilliseconds))
}
