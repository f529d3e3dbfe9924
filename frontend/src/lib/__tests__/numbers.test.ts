import { expect, test } from 'vitest'

import {
  formatBytes,
  formatCount,
  formatCounted,
  formatPercent,
  formatRate,
  formatShare,
  formatSigned,
} from '@/lib/numbers'

test('counts have thin spaces', () => {
  expect(formatCount(50_000)).toBe('50\u202f000')
  expect(formatCount(1_234_567)).toBe('1\u202f234\u202f567')
  expect(formatCount(999)).toBe('999')
})

test('counted things know their plural', () => {
  expect(formatCounted(1, 'file')).toBe('1 file')
  expect(formatCounted(340, 'file')).toBe('340 files')
})

test('percentages have one decimal and a thin space', () => {
  expect(formatPercent(97.16)).toBe('97.2\u202f%')
})

test.each([
  [0, 1, '0.0\u202f%'],
  [0.0004, 1, '<0.1\u202f%'],
  [0.004, 0, '<1\u202f%'],
  [0.999, 0, '>99\u202f%'], // a batch of thousands that one image is missing in
  [0.9996, 1, '>99.9\u202f%'],
  [1, 0, '100\u202f%'],
])('a share of %d with %i decimals reads %s', (share, digits, words) => {
  expect(formatShare(share, digits)).toBe(words)
})

test.each([
  [999, '999\u202fB'],
  [231_412, '231\u202fKB'],
  [1_240_000_000, '1.2\u202fGB'],
])('%i bytes read %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words)
})

test('a signed number has a true minus', () => {
  expect(formatSigned(-1.5)).toBe('\u22121.50')
  expect(formatSigned(0.25)).toBe('+0.25')
})

test('a slow rate keeps a decimal', () => {
  expect(formatRate(4.25)).toBe('4.3 img/s')
  expect(formatRate(311.6)).toBe('312 img/s')
})
