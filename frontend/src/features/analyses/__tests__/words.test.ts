import { expect, test } from 'vitest'

import {
  captionWords,
  headline,
  isScoreReliable,
  leanSentence,
  markOf,
  outcomeWords,
  resultWords,
} from '../words'

const failed = {
  state: 'failed',
  verdict: null,
  error: { code: 'truncated_image', detail: 'The image ends too early. Copy it again.' },
  reasons: [],
  strength: null,
  lean: null,
} as const

const done = { state: 'done', error: null, reasons: [], strength: null, lean: null } as const
const noFace = { code: 'no_face', effect: 'not_assessed', message: 'No face was found.' } as const
const grey = { code: 'greyscale', effect: 'inconclusive', message: 'No colour.' } as const
const near = { code: 'near_limit', effect: 'inconclusive', message: 'Between.' } as const
const unknown = { code: 'unfamiliar', effect: 'inconclusive', message: 'Unlike.' } as const

test.each([
  ['fake', 'Signs of AI generation'],
  ['inconclusive', 'Inconclusive'],
  ['real', 'No signs of AI generation found'],
] as const)('%s reads %s', (verdict, words) => {
  expect(outcomeWords({ ...done, reasons: [], verdict })).toBe(words)
})

test('the strength is part of what a fake verdict says', () => {
  const fake = { ...done, verdict: 'fake', strength: 'moderate_synthetic' } as const
  expect(outcomeWords(fake)).toBe('Moderate signs of AI generation')
  expect(outcomeWords({ ...fake, strength: 'inconclusive' })).toBe('Signs of AI generation')
  expect(headline({ ...done, verdict: 'real', strength: 'strong_camera' })).toBe(
    'No signs of AI generation found',
  )
})

test('an inconclusive verdict says which way it leans and why it stops', () => {
  const inconclusive = { ...done, verdict: 'inconclusive', lean: 'camera' } as const
  expect(outcomeWords({ ...inconclusive, reasons: [grey, near] })).toBe(
    'Inconclusive: leans real, no colour',
  )
  expect(headline({ ...inconclusive, reasons: [grey] })).toBe('Inconclusive')
  expect(leanSentence({ lean: 'camera', reasons: [grey, near] })).toBe(
    'Leans real, but this score is not reliable for such a file.',
  )
  expect(leanSentence({ lean: 'synthetic', reasons: [near] })).toBe(
    'Leans synthetic, but the score is too near the limit for a verdict.',
  )
  expect(leanSentence({ lean: 'synthetic', reasons: [] })).toContain('too near the limit')
  expect(leanSentence({ lean: 'camera', reasons: [unknown] })).toContain(
    'of a kind that the model does not know',
  )
  expect(leanSentence({ lean: null, reasons: [] })).toBeNull()
})

test('a score is reliable only of what is assessed and has no flaw', () => {
  expect(isScoreReliable({ verdict: 'fake', reasons: [] })).toBe(true)
  expect(isScoreReliable({ verdict: 'inconclusive', reasons: [near] })).toBe(true)
  expect(isScoreReliable({ verdict: 'inconclusive', reasons: [grey, near] })).toBe(false)
  expect(isScoreReliable({ verdict: 'not_assessed', reasons: [noFace] })).toBe(false)
  expect(isScoreReliable({ verdict: null, reasons: [] })).toBe(false)
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
  for (const verdict of ['not_assessed', 'inconclusive', 'real'] as const) {
    expect(resultWords({ verdict, result: 'FAKE', confidence: 97.2 })).toBeNull()
  }
})

test('a caption is a word or two, and gives no bare result for a verdict that is withheld', () => {
  const score = { result: 'FAKE', confidence: 97.24 } as const
  expect(captionWords({ ...done, reasons: [], verdict: 'fake', ...score })).toBe('FAKE 97.2\u202f%')
  expect(captionWords({ ...done, verdict: 'fake', strength: 'strong_synthetic', ...score })).toBe(
    'FAKE 97.2\u202f% · strong',
  )
  expect(
    captionWords({
      ...done,
      reasons: [near],
      verdict: 'inconclusive',
      lean: 'synthetic',
      ...score,
    }),
  ).toBe('Leans synthetic')
  expect(captionWords({ ...done, reasons: [noFace], verdict: 'not_assessed', ...score })).toBe(
    'Not assessed',
  )
  expect(captionWords({ ...failed, reasons: [], result: null, confidence: null })).toBe('Failed')
})
