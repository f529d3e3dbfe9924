import { expect, test } from 'vitest'

import { describeRejections } from '../rejections'

const rejected = (code: string, count: number) =>
  Array.from({ length: count }, () => ({ filename: 'x', code, detail: '' }))

test('what was refused is counted by its reason', () => {
  const files = [...rejected('file_too_large', 3), ...rejected('unsupported_format', 9)]
  expect(describeRejections(files, 328)).toBe(
    '12 of 340 files were not accepted: 9 are not images, 3 are over 20 MB.',
  )
})

test('one file is one file', () => {
  expect(describeRejections(rejected('empty_file', 1), 1)).toBe(
    '1 of 2 files was not accepted: 1 is empty.',
  )
})

test('a reason that is not known yet is still counted', () => {
  expect(describeRejections(rejected('brand_new', 2), 0)).toBe(
    '2 of 2 files were not accepted: 2 were refused.',
  )
})
