import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import { mockModel } from '@/testing/handlers'
import { show } from '@/testing/show'

import { ModelCard } from '../components/model-card'

test('a score never stands without its interval and the number of images behind it', () => {
  show(<ModelCard model={mockModel} />)
  expect(screen.getByText('95.7 %')).toBeVisible()
  expect(screen.getByText(/interval 94\.3 % to 96\.8 %/)).toBeVisible()
  expect(screen.getByText(/1 000 test images/)).toBeVisible()
})

test('a model without a test says so', () => {
  show(<ModelCard model={{ ...mockModel, test: null }} />)
  expect(screen.getByText(/without figures of a test/)).toBeVisible()
})
