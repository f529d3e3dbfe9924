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
  ['fake', 'False alarms: about 1 in 110 real photos of this quality (0.4–1.8\u202f%)'],
  [
    'real',
    'Missed: about 1 in 32 fakes of this quality (2.2–4.4\u202f%). New kinds of fakes are missed more often.',
  ],
  [
    'inconclusive',
    'This model gives a clear verdict on 83.4\u202f% (81.7–85.0\u202f%) of images of this quality.',
  ],
] as const)('%s comes with how often it is wrong', (verdict, words) => {
  expect(errorWords({ verdict, error_rate: rate, bands })).toBe(words)
})

test('where the quality was not measured, the bound on all images stands in', () => {
  expect(errorWords({ verdict: 'fake', error_rate: null, bands })).toBe(
    'False alarms: at most 1.0\u202f% of real photos, all qualities together',
  )
})

test('no false alarm at all is said by the number of photos, and a large share in per cent', () => {
  const none = { ...rate, false_alarms: { value: 0, low: 0, high: 0.004 } }
  expect(errorWords({ verdict: 'fake', error_rate: none, bands })).toBe(
    'False alarms: none of 1\u202f020 real photos of this quality (0.0–0.4\u202f%)',
  )
  const many = { ...rate, misses: { value: 0.4, low: 0.36, high: 0.44 } }
  expect(errorWords({ verdict: 'real', error_rate: many, bands })).toContain(
    'Missed: 40.0\u202f% of fakes of this quality',
  )
})

test('what was never measured is said to be so; what is no verdict has no error', () => {
  expect(errorWords({ verdict: 'real', error_rate: null, bands: null })).toContain(
    'was not measured',
  )
  expect(errorWords({ verdict: 'not_assessed', error_rate: rate, bands })).toBeNull()
})
