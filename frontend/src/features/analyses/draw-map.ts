import { fullColour, type EvidenceMap } from './evidence-map'

type Colour = readonly [red: number, green: number, blue: number]

const towardsFake: Colour = [249, 115, 22]
const towardsReal: Colour = [37, 99, 235]

/** Paints one pixel a cell, RGBA: colour says the direction, opacity how far; the screen enlarges the pixels. */
export function paintCells(map: EvidenceMap): Uint8ClampedArray<ArrayBuffer> {
  const full = fullColour(map)
  const pixels = new Uint8ClampedArray(map.rows * map.columns * 4)
  map.values.flat().forEach((cell, place) => {
    const colour = cell >= 0 ? towardsFake : towardsReal
    pixels.set([...colour, 255 * Math.min(1, Math.abs(cell) / full)], place * 4)
  })
  return pixels
}
