import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import { VerdictMark } from '@/components/verdict-mark'
import { verdictLabels, verdicts, verdictWords } from '@/lib/verdicts'
import { show } from '@/testing/show'

test('every verdict has a shape of its own, so that colour is never needed', () => {
  const shapes = verdicts.map((verdict) => {
    const { container, unmount } = show(<VerdictMark verdict={verdict} />)
    const shape = container.querySelector('svg')?.innerHTML
    unmount()
    return shape
  })
  expect(new Set(shapes).size).toBe(verdicts.length)
})

test.each(verdicts)('the mark of %s says its name', (verdict) => {
  show(<VerdictMark verdict={verdict} />)
  expect(screen.getByRole('img', { name: verdictLabels[verdict] })).toBeVisible()
})

test('a verdict claims no more than the model knows', () => {
  expect(verdictWords.fake).toBe('Signs of AI generation')
  expect(verdictWords.real).toBe('No signs of AI generation found')
})
