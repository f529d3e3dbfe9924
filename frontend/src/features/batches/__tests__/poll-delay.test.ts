import { expect, test } from 'vitest'

import { pollDelay } from '../poll-delay'

const counts = {
  waiting: 0,
  paused: 0,
  running: 0,
  done: 9,
  failed: 0,
  quarantined: 0,
  cancelled: 0,
}
const running = { state: 'running', counts, seconds_left: null } as const

test('a batch that runs is asked for after a second, then ever more rarely, never over five', () => {
  const delays = Array.from({ length: 20 }, (_, polls) => pollDelay(running, polls))
  expect(delays[0]).toBe(1000)
  expect(delays).toEqual([...delays].sort((a, b) => Number(a) - Number(b)))
  expect(delays.at(-1)).toBe(5000)
})

test('the end is not slept through', () => {
  expect(pollDelay({ ...running, seconds_left: 2 }, 50)).toBe(2000)
  expect(pollDelay({ ...running, seconds_left: 0.1 }, 50)).toBe(1000)
})

test('a finished batch is not asked for again', () => {
  expect(pollDelay({ ...running, state: 'finished' }, 3)).toBe(false)
})

test('a paused or cancelled batch is asked for until what ran has ended', () => {
  for (const state of ['paused', 'cancelled'] as const) {
    expect(pollDelay({ ...running, state, counts: { ...counts, running: 3 } }, 0)).toBe(1000)
    expect(pollDelay({ ...running, state }, 0)).toBe(false)
  }
})
