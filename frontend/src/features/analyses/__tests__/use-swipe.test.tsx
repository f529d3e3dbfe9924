import { fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'

import { show } from '@/testing/show'

import { useSwipe } from '../components/use-swipe'

afterEach(() => {
  vi.unstubAllGlobals()
})

function Page({ onLeft }: { onLeft: () => void }) {
  return <article {...useSwipe(onLeft, () => undefined)}>Result</article>
}

function swipeLeft() {
  const onLeft = vi.fn()
  show(<Page onLeft={onLeft} />)
  const touch = (type: string, clientX: number) => {
    const touches = { length: 1, item: () => ({ clientX, clientY: 100 }) }
    const event = new Event(type, { bubbles: true })
    fireEvent(
      screen.getByText('Result'),
      Object.assign(event, { touches, changedTouches: touches }),
    )
  }
  touch('touchstart', 250)
  touch('touchend', 100)
  return onLeft
}

test('a stroke to the left leads on', () => {
  expect(swipeLeft()).toHaveBeenCalledOnce()
})

test('a stroke on a zoomed page moves the page and nothing else', () => {
  vi.stubGlobal('visualViewport', { scale: 2.5 })
  expect(swipeLeft()).not.toHaveBeenCalled()
})
