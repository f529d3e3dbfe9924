import { expect, test } from 'vitest'

import { formatAgo, formatLeft } from '@/lib/times'

const now = Date.parse('2026-03-01T12:00:00Z')

test.each([
  ['2026-03-01T11:59:40Z', 'just now'],
  ['2026-03-01T11:57:00Z', '3 minutes ago'],
  ['2026-02-28T11:00:00Z', 'yesterday'],
  ['2026-03-01T12:56:00Z', 'just now'], // by a server whose clock is ahead
])('%s was %s', (moment, words) => {
  expect(formatAgo(moment, now)).toBe(words)
})

test.each([
  [0.2, '1 s left'],
  [14.4, '14 s left'],
  [200, '3 min left'],
  [4800, '80 min left'],
  [6000, '1 h 40 min left'],
])('%d seconds read %s', (seconds, words) => {
  expect(formatLeft(seconds)).toBe(words)
})
