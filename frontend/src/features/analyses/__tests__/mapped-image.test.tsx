import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import { show } from '@/testing/show'

import { MappedImage } from '../components/mapped-image'

test('the map lies over the part of the image that the model saw', () => {
  const map = { rows: 1, columns: 1, values: [[1]], x: 250, y: 100, width: 500, height: 500 }
  const image = { map, image_url: '/one', filename: 'one.jpg', width: 1000, height: 800 }
  show(<MappedImage analysis={image} opacity={0.5} />)
  expect(screen.getByTestId('map-canvas')).toHaveStyle({
    left: '25%',
    top: '12.5%',
    width: '50%',
    height: '62.5%',
  })
})
