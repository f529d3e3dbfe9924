import { expect, test } from 'vitest'

import { outcomeOf } from '../outcome'

const none = { waiting: 0, paused: 0, running: 0, done: 0, failed: 0, quarantined: 0, cancelled: 0 }

test('a batch that runs says how far it has come; what failed has ended too', () => {
  const counts = { ...none, waiting: 1200, running: 8, done: 30, failed: 1, quarantined: 1 }
  expect(outcomeOf({ state: 'running', total: 1240, counts })).toBe(
    '32 of 1\u202f240 images analysed so far',
  )
  expect(outcomeOf({ state: 'paused', total: 1240, counts })).toBe(
    '32 of 1\u202f240 images analysed, paused',
  )
})

test('a finished batch says what came of it, and nothing of what did not happen', () => {
  const finished = (counts: Partial<typeof none>) =>
    outcomeOf({ state: 'finished', total: 40, counts: { ...none, ...counts } })
  expect(finished({ done: 40 })).toBe('40 done')
  expect(finished({ done: 39, failed: 1 })).toBe('39 done, 1 failed')
  expect(finished({ done: 38, failed: 1, quarantined: 1 })).toBe('38 done, 1 failed, 1 quarantined')
})

test('a cancelled batch says what is kept and what was not looked at', () => {
  const counts = { ...none, done: 12, cancelled: 28 }
  expect(outcomeOf({ state: 'cancelled', total: 40, counts })).toBe('12 done, 28 cancelled')
})
