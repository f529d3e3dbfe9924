import { expect, test } from 'vitest'

import { errorWords } from '../error-words'

const rate = {
  name: 'JPEG quality 70 to 89',
  reals: 1020,
  fakes: 980,
  false_alarms: { value: 0.009, low: 0.004, high: 0.018 },
  misses: { value: 0.031, low: 0.022, high: 0.044 },
  coverage: { value: 0.834, low: 0.817, high: 0.85 },
}
const bands = {
  false_alarm_limit: 0.01,
  miss_limit: 0.05,
  reals: 1020,
  fakes: 980,
  false_alarm_bound: 0.0098,
  miss_bound: 0.0493,
}

test.each([
  [
    'fake',
    'Of 1\u202f020 photographs of this quality this model wrongly calls 0.9\u202f% (0.4–1.8\u202f%) fake.',
  ],
  [
    'real',
    'Of 980 fakes of this quality this model wrongly calls 3.1\u202f% (2.2–4.4\u202f%) real. All were of the kinds it was trained on; of other kinds more pass.',
  ],
  [
    'inconclusive',
    'Of 2\u202f000 images of this quality this model gives a clear verdict on 83.4\u202f% (81.7–85.0\u202f%).',
  ],
] as const)('%s comes with how often it is wrong', (verdict, words) => {
  expect(errorWords({ verdict, error_rate: rate, bands })).toBe(words)
})

test('where the quality was not measured, the bound on all images stands in', () => {
  expect(errorWords({ verdict: 'fake', error_rate: null, bands })).toBe(
    'Of 1\u202f020 photographs of all qualities this model calls at most 1.0\u202f% fake (95 % sure).',
  )
})

test('what was never measured is said to be so; what is no verdict has no error', () => {
  expect(errorWords({ verdict: 'real', error_rate: null, bands: null })).toContain(
    'was not measured',
  )
  expect(errorWords({ verdict: 'not_assessed', error_rate: rate, bands })).toBeNull()
})
