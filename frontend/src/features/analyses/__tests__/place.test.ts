import { expect, test } from 'vitest'

import { readPlace } from '../place'

const paris = {
  GPSLatitudeRef: 'N',
  GPSLatitude: '(48.0, 51.0, 29.6)',
  GPSLongitudeRef: 'E',
  GPSLongitude: '(2.0, 17.0, 40.2)',
}

test('degrees, minutes and seconds become degrees to the metre; what is no place stays out', () => {
  expect(readPlace({ Make: 'Canon', ...paris, GPSDateStamp: '2019:06:01' })).toEqual({
    coordinates: '48.85822° N, 2.29450° E',
    notes: [['GPSDateStamp', '2019:06:01']],
  })
})

test('south and west are said as such', () => {
  const south = { ...paris, GPSLatitudeRef: 'S', GPSLongitudeRef: 'W' }
  expect(readPlace(south)?.coordinates).toBe('48.85822° S, 2.29450° W')
})

test.each([
  ['an angle is missing', { GPSLongitudeRef: 'E', GPSLongitude: '(2.0, 17.0, 40.2)' }],
  ['a side is missing', { ...paris, GPSLatitudeRef: '' }],
  ['a division by nothing was written', { ...paris, GPSLatitude: '(nan, 51.0, 29.6)' }],
])('where %s, the notes stand as the file has them', (_, metadata) => {
  expect(readPlace(metadata)).toEqual({ coordinates: null, notes: Object.entries(metadata) })
})

test('a file without a place has none', () => {
  expect(readPlace({ Make: 'Canon' })).toBeNull()
})
