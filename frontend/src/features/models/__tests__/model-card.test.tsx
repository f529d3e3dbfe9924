import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'

import { MockModels } from '@/testing/mock-models'
import { show } from '@/testing/show'

import { ModelCard } from '../components/model-card'

function activeModel() {
  const { active } = new MockModels()
  if (!active) throw new Error('The mock has no active model')
  return active
}

test('a score never stands without its interval and the number of images behind it', () => {
  show(<ModelCard model={activeModel()} engine="litert-int8" />)
  expect(screen.getByText('95.7 %')).toBeVisible()
  expect(screen.getByText(/interval 94\.5.% to 96\.9.%/)).toBeVisible()
  expect(screen.getByText(/1.000 test images/)).toBeVisible()
})

test('a model without a test says so', () => {
  show(<ModelCard model={{ ...activeModel(), test: null }} engine="litert-int8" />)
  expect(screen.getByText(/without figures of a test/)).toBeVisible()
})

test('error rates stand by the quality of the image, with the limits and what they reach', () => {
  show(<ModelCard model={activeModel()} engine="litert-int8" />)
  const line = screen.getByRole('row', { name: /JPEG quality 40 to 69/ })
  expect(within(line).getByText('1.5 %')).toBeVisible()
  expect(screen.getByText(/1.0.% of 1.020 photographs and 4.9.% of 980 fakes/)).toBeVisible()
})

test('the map stands beside other orders of the regions, each with its interval', () => {
  show(<ModelCard model={activeModel()} engine="litert-int8" />)
  const line = screen.getByRole('row', { name: /As the map says/ })
  expect(within(line).getByText(/^52.0.%$/)).toBeVisible()
  expect(within(line).getByText(/^84.0.%$/)).toBeVisible()
  expect(screen.getByText(/over 100 held-out images/)).toBeVisible()
})

test('the strength scale has each band with its interval, its word and the images behind it', () => {
  show(<ModelCard model={activeModel()} engine="litert-int8" />)
  const line = screen.getByRole('row', { name: /^80 to 95 %/ })
  expect(within(line).getByText('24')).toBeVisible()
  expect(within(line).getByText('13–46')).toBeVisible()
  expect(within(line).getByText('Moderate support for a synthetic face')).toBeVisible()
  expect(within(line).getByText('312 synthetic, 13 photographs')).toBeVisible()
})

test('an older card without a strength scale does not speak of it', () => {
  const { card, ...model } = activeModel()
  const engines = { 'litert-int8': { thresholds: { real_below: 0.25, fake_from: 0.6 } } }
  show(<ModelCard model={{ ...model, card: { ...card, engines } }} engine="litert-int8" />)
  expect(screen.queryByText(/speaks for either side/)).toBeNull()
})

test('an older card without a measured map does not speak of it', () => {
  const model = activeModel()
  show(
    <ModelCard
      model={{ ...model, card: { ...model.card, faithfulness: null } }}
      engine="litert-int8"
    />,
  )
  expect(screen.queryByText(/map names the regions/)).toBeNull()
})

test('an older card without error rates says that none were measured', () => {
  const model = activeModel()
  const card = { ...model.card, error_rates: undefined }
  show(<ModelCard model={{ ...model, card }} engine="litert-int8" />)
  expect(screen.getByText('This was not measured for this model.')).toBeVisible()
})
