import { expect, test } from 'vitest'

import { captionWords, markOf, outcomeWords, resultWords } from '../words'

const failed = {
  state: 'failed',
  verdict: null,
  error: { code: 'truncated_image', detail: 'The image ends too early. Copy it again.' },
  reasons: [],
} as const

const done = { state: 'done', error: null, reasons: [] } as const
const noFace = { code: 'no_face', effect: 'not_assessed', message: 'No face was found.' } as const
const grey = { code: 'greyscale', effect: 'inconclusive', message: 'No colour.' } as const

test.each([
  ['fake', 'Strong signs of generation'],
  ['inconclusive', 'Inconclusive'],
  ['real', 'No signs this model knows'],
] as const)('%s reads %s', (verdict, words) => {
  expect(outcomeWords({ ...done, reasons: [], verdict })).toBe(words)
})

test('a failure says what went wrong and has the mark of what was not assessed', () => {
  expect(outcomeWords({ ...failed, reasons: [] })).toBe('Failed: the image ends too early.')
  expect(outcomeWords({ ...failed, state: 'quarantined', reasons: [] })).toBe(
    'Quarantined: the image ends too early.',
  )
  expect(markOf(failed)).toBe('not_assessed')
})

test('a verdict that is withheld says why, before what would only have weakened it', () => {
  expect(outcomeWords({ ...done, verdict: 'not_assessed', reasons: [grey, noFace] })).toBe(
    'Not assessed: no face found',
  )
  expect(outcomeWords({ ...done, verdict: 'inconclusive', reasons: [grey] })).toBe(
    'Inconclusive: no colour',
  )
})

test('a reason that this page does not know yet reads as its code', () => {
  const reasons = [{ code: 'under_water', effect: 'inconclusive', message: 'Wet.' } as const]
  expect(outcomeWords({ ...done, verdict: 'inconclusive', reasons })).toBe(
    'Inconclusive: under water',
  )
})

test('what has not ended yet has words but no mark', () => {
  expect(outcomeWords({ ...done, state: 'waiting', verdict: null, reasons: [] })).toBe(
    'Waiting its turn',
  )
  expect(markOf({ state: 'running', verdict: null })).toBeNull()
})

test('the result reads as the API says it, and is silent where the verdict is withheld', () => {
  expect(resultWords({ verdict: 'fake', result: 'FAKE', confidence: 97.2 })).toBe(
    'FAKE 97.2\u202f%',
  )
  expect(resultWords({ verdict: null, result: null, confidence: null })).toBeNull()
  expect(resultWords({ verdict: 'not_assessed', result: 'FAKE', confidence: 97.2 })).toBeNull()
})

test('a caption is a word or two, and gives no bare result for a verdict that is withheld', () => {
  const score = { result: 'FAKE', confidence: 97.24 } as const
  expect(captionWords({ ...done, reasons: [], verdict: 'fake', ...score })).toBe('FAKE 97.2\u202f%')
  expect(captionWords({ ...done, reasons: [], verdict: 'inconclusive', ...score })).toBe(
    'Inconclusive',
  )
  expect(captionWords({ ...done, reasons: [noFace], verdict: 'not_assessed', ...score })).toBe(
    'Not assessed',
  )
  expect(captionWords({ ...failed, reasons: [], result: null, confidence: null })).toBe('Failed')
})
