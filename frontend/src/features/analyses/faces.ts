import type { Face } from './api/get-analysis'

/** A face by its number in the list; the one with the highest score decides the image's verdict. */
export type NumberedFace = Face & { number: number; isDeciding: boolean }

export function numberFaces(faces: readonly Face[]): NumberedFace[] {
  const highest = Math.max(...faces.map((face) => face.fake_probability))
  const deciding = faces.findIndex((face) => face.fake_probability === highest)
  return faces.map((face, place) => ({
    ...face,
    number: place + 1,
    isDeciding: place === deciding,
  }))
}
