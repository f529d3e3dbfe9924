import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'

import { show } from '@/testing/show'

import { FaceBoxes } from '../components/face-boxes'
import { FaceList } from '../components/face-list'

const faces = [
  { x: 0, y: 50, width: 100, height: 100, fake_probability: 0.12, verdict: 'real' },
  { x: 200, y: 0, width: 50, height: 60, fake_probability: 0.93, verdict: 'fake' },
] as const
const image = { faces: [...faces], width: 400, height: 200, reasons: [] }
const judged = { ...image, verdict: 'fake' } as const
const grey = { code: 'greyscale', effect: 'inconclusive', message: 'No colour.' } as const
const many = { code: 'many_faces', effect: 'inconclusive', message: 'Many.' } as const

test('each face has its box where it lies in the image, and the highest score decides', () => {
  show(<FaceBoxes analysis={judged} />)
  const [first, second] = screen.getAllByTestId('face-box')
  expect(first).toHaveStyle({ left: '0%', top: '25%', width: '25%', height: '50%' })
  expect(first).toHaveAttribute('data-deciding', 'false')
  expect(second).toHaveAttribute('data-deciding', 'true')
  expect(second).toHaveTextContent('93 %')
})

test('the list gives each face its own score and says which decides', () => {
  show(<FaceList analysis={judged} />)
  const [first, second] = screen.getAllByTestId('face')
  expect(first).toHaveTextContent('Face 1')
  expect(first).not.toHaveTextContent('decides')
  expect(second).toHaveTextContent('93.0 % fake')
  expect(second && within(second).getByText('decides')).toBeVisible()
})

test('faces have no scores where those are not reliable, and keep them where there are many', () => {
  const flawed = { ...image, verdict: 'inconclusive', reasons: [grey] } as const
  const { unmount } = show(
    <>
      <FaceBoxes analysis={{ ...flawed, reasons: [grey] }} />
      <FaceList analysis={{ ...flawed, reasons: [grey] }} />
    </>,
  )
  expect(screen.queryByText(/%/)).toBeNull()
  expect(screen.getAllByTestId('face')).toHaveLength(2)
  unmount()

  show(<FaceList analysis={{ ...flawed, reasons: [many] }} />)
  expect(screen.getByText(/93.0.% fake/)).toBeVisible()
})
