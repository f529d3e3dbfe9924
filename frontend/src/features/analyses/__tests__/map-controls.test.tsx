import { screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { show } from '@/testing/show'

import { MapControls } from '../components/map-controls'

const map = {
  rows: 2,
  columns: 2,
  values: [
    [0.37, 0],
    [0, -0.2],
  ],
  x: 0,
  y: 0,
  width: 256,
  height: 256,
}

test('the legend has numbers at both ends and the map a sentence', () => {
  show(<MapControls map={map} opacity={0.45} isShown onOpacity={vi.fn()} onToggle={vi.fn()} />)
  expect(screen.getByText('\u22124.00')).toBeVisible()
  expect(screen.getByText('+4.00')).toBeVisible()
  expect(screen.getByText(/^Together the cells push the score by \+0.17/)).toBeVisible()
})

test('the map is taken off with one press, and the key stands on the button', async () => {
  const toggle = vi.fn()
  show(<MapControls map={map} opacity={0.45} isShown onOpacity={vi.fn()} onToggle={toggle} />)
  await userEvent.click(screen.getByRole('button', { name: 'Hide map H' }))
  expect(toggle).toHaveBeenCalledOnce()
})

test('the slider sets how much of the map is seen', async () => {
  const onOpacity = vi.fn()
  show(<MapControls map={map} opacity={0.45} isShown onOpacity={onOpacity} onToggle={vi.fn()} />)
  screen.getByRole('slider', { name: 'Opacity of the map' }).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(onOpacity).toHaveBeenCalledWith(0.46)
})
