import { expect, test } from 'vitest'

import { formatTimes, levelOf, ratioSentence, strengthOf } from '../strengths'

test.each([
  [100, 900, 'strong_synthetic'],
  [99, 900, 'moderate_synthetic'],
  [9.9, 900, 'weak_synthetic'],
  [1.9, 900, 'inconclusive'],
  [0.001, 0.51, 'inconclusive'],
  [0.001, 0.5, 'weak_camera'],
  [0.001, 0.1, 'moderate_camera'],
  [0.001, 0.01, 'strong_camera'],
] as const)('an interval of %d to %d is %s', (low, high, strength) => {
  expect(strengthOf({ value: Math.sqrt(low * high), low, high })).toBe(strength)
})

test('a likelihood ratio is told from the side that it speaks for', () => {
  expect(ratioSentence({ value: 40, low: 15, high: 108 })).toBe(
    'Such a score is about 40 times as frequent among synthetic faces as among photographs (15–110).',
  )
  expect(ratioSentence({ value: 0.05, low: 0.02, high: 0.125 })).toBe(
    'Such a score is about 20 times as frequent among photographs as among synthetic faces (8–50).',
  )
})

test('times have two significant figures', () => {
  expect([1.249, 0.634, 12.6, 1234].map(formatTimes)).toEqual(['1.2', '0.63', '13', '1\u202f200'])
})

test('a level is of either side, and there is none without support', () => {
  expect(levelOf('weak_camera')).toBe('weak')
  expect(levelOf('strong_synthetic')).toBe('strong')
  expect(levelOf('inconclusive')).toBeNull()
  expect(levelOf(null)).toBeNull()
})
