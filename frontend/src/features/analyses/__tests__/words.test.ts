import { expect, test } from 'vitest'

import { markOf, outcomeWords, resultWords } from '../words'

const failed = {
  state: 'failed',
  verdict: null,
  error: { code: 'truncated_image', detail: 'The image ends too early. Copy it again.' },
} as const

test.each([
  ['fake', 'Strong signs of generation'],
  ['inconclusive', 'Inconclusive'],
  ['real', 'No signs this model knows'],
] as const)('%s reads %s', (verdict, words) => {
  expect(outcomeWords({ state: 'done', verdict, error: null })).toBe(words)
})

test('a failure says its reason and has the mark of what was not assessed', () => {
  expect(outcomeWords(failed)).toBe('Not assessed: the image ends too early.')
  expect(markOf(failed)).toBe('not_assessed')
})

test('what has not ended yet has words but no mark', () => {
  expect(outcomeWords({ state: 'waiting', verdict: null, error: null })).toBe('Waiting its turn')
  expect(markOf({ state: 'running', verdict: null })).toBeNull()
})

test('the result reads as the API says it', () => {
  expect(resultWords({ result: 'FAKE', confidence: 97.2 })).toBe('FAKE 97.2\u202f%')
  expect(resultWords({ result: null, confidence: null })).toBeNull()
})
