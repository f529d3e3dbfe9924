import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import { MockDesk } from '@/testing/mock-desk'
import { show } from '@/testing/show'

import type { Batch } from '../api/get-batch'
import { BatchHeader } from '../components/batch-header'

function spoken(changes: Partial<Batch>): string {
  const [batch] = new MockDesk(false).batches()
  if (!batch) throw new Error('The desk has no batch')
  const { unmount } = show(<BatchHeader batch={{ ...batch, ...changes }} />)
  const words = screen.getByRole('status').textContent
  unmount()
  return words
}

test('progress is said aloud in tenths, and what came of it at the end', () => {
  const at = (progress: number) => spoken({ state: 'running', progress })
  expect(at(0.31)).toBe('30 % analysed')
  expect(at(0.39)).toBe(at(0.31))
  expect(at(0.4)).toBe('40 % analysed')
  expect(spoken({ state: 'finished' })).toMatch(/^\d+ done/)
})
