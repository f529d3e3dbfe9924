import { expect, test } from 'vitest'

import { pollDelay } from '../poll-delay'

const running = { state: 'running', seconds_left: null } as const

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
  expect(pollDelay({ state: 'finished', seconds_left: null }, 3)).toBe(false)
})
