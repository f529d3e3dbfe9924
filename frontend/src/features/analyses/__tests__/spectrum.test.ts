import { expect, test } from 'vitest'

import { describeSpectrum } from '../spectrum'

const flat = (power: number) => Array.from({ length: 20 }, () => power)
const band = { low: flat(1), middle: flat(2), high: flat(3) }

test('the sentence counts what lies outside the band beside what is usual', () => {
  const profile = [...flat(2).slice(5), 4, 4, 4, 4, 4]
  expect(describeSpectrum({ profile, ...band })).toBe(
    '5 of 20 frequencies lie outside the band of photographs; of a photograph about 2 do. Most of them are in the finer half.',
  )
})

test('as many as usual are not made much of', () => {
  expect(describeSpectrum({ profile: flat(2), ...band })).toBe(
    '0 of 20 frequencies lie outside the band of photographs; of a photograph about 2 do.',
  )
})

test('a model without a band says so', () => {
  const none = { profile: flat(2), low: null, middle: null, high: null }
  expect(describeSpectrum(none)).toContain('no band')
})
