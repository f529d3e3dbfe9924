import { render } from '@testing-library/react'
import { expect, test, vi } from 'vitest'

import { useWidth } from '../components/use-width'

function widthsSeen() {
  const seen: number[] = []
  function Part() {
    const { ref, width } = useWidth()
    seen.push(width)
    return <div ref={ref} />
  }
  render(<Part />)
  return seen
}

test('the width is there before anything is painted, and the next time from the first', () => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 900))
  expect(widthsSeen().at(-1)).toBe(900)
  expect(widthsSeen()[0]).toBe(900)
})
