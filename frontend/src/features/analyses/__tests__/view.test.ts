import { expect, test } from 'vitest'

import { parseView, toListQuery } from '../view'

test('an address says which results are shown, in which order and layout', () => {
  const view = parseView({ show: 'fake', order: 'most-fake', layout: 'table' })
  expect(view).toEqual({ show: 'fake', order: 'most-fake', layout: 'table' })
})

test('what is usual stays out of the address, and so does what is unknown', () => {
  expect(parseView({})).toEqual({})
  expect(parseView({ show: 'everything', order: 'ordinal', layout: 'grid', x: 1 })).toEqual({})
})

test('a verdict is asked for as a verdict, a failure as a state', () => {
  expect(toListQuery({ show: 'real' })).toEqual({ verdict: 'real', ordering: 'ordinal' })
  expect(toListQuery({ show: 'failed' })).toEqual({ state: 'failed', ordering: 'ordinal' })
  expect(toListQuery({ order: 'most-fake' })).toEqual({ ordering: '-fake_probability' })
})
