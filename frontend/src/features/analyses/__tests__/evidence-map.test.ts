import { expect, test } from 'vitest'

import { paintCells } from '../draw-map'
import { describeMap, fullColour } from '../evidence-map'

function mapOf(cells: Record<string, number>) {
  const places = [0, 1, 2, 3, 4, 5, 6, 7]
  const values = places.map((row) => places.map((column) => cells[`${row},${column}`] ?? 0))
  return { rows: 8, columns: 8, values, x: 0, y: 0, width: 256, height: 256 }
}

test('the sentence names the strongest regions and what the cells sum to', () => {
  const map = mapOf({ '3,3': 1.5, '4,4': 0.5, '0,0': -0.4 })
  expect(describeMap(map)).toBe(
    'Together the cells push the score by +1.60 logits towards fake. ' +
      'The strongest push towards fake comes from the centre (+2.00). ' +
      'The strongest push towards real comes from the upper left (\u22120.40).',
  )
})

test('the sentence says when nothing speaks for one side', () => {
  const sentence = describeMap(mapOf({ '7,7': -1 }))
  expect(sentence).toContain('No part pushes towards fake.')
  expect(sentence).toContain('comes from the lower right (\u22121.00)')
})

test('cells that are outweighed in their region are told as that', () => {
  const sentence = describeMap(mapOf({ '7,7': -1, '7,6': 0.2 }))
  expect(sentence).toContain('Some cells push towards fake, but no region does on the whole.')
})

test('the scale is the same for all images, and finer where there are more cells', () => {
  expect(fullColour(mapOf({ '1,1': 0.3 }))).toBe(0.25)
  expect(fullColour(mapOf({ '1,1': 3 }))).toBe(0.25)
  expect(fullColour({ rows: 16, columns: 16 })).toBe(0.0625)
})

test('cells are orange towards fake, blue towards real, and as solid as they are strong', () => {
  const pixels = paintCells(mapOf({ '0,0': 0.25, '0,1': -0.125, '0,2': 2 }))
  const [red = 0, , blue = 0, alpha] = pixels.slice(0, 4)
  expect(red).toBeGreaterThan(blue)
  expect(alpha).toBe(255)
  const [coldRed = 0, , coldBlue = 0, coldAlpha] = pixels.slice(4, 8)
  expect(coldBlue).toBeGreaterThan(coldRed)
  expect(coldAlpha).toBe(128)
  expect(pixels[11]).toBe(255)
  expect(pixels[15]).toBe(0)
})

test('a map without any push paints nothing', () => {
  expect(paintCells(mapOf({})).filter((_, place) => place % 4 === 3)).toEqual(
    new Uint8ClampedArray(64),
  )
})
