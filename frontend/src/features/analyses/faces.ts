import type { Analysis, Face } from './api/get-analysis'
import { flawsOf } from './reasons'

/** A face by its number in the list; the one with the highest score decides the image's verdict. */
export type NumberedFace = Face & { number: number; isDeciding: boolean }

/** Whether the scores of single faces mean something; that there are many of them spoils only the image's. */
export function areFacesScored({
  verdict,
  reasons,
}: Pick<Analysis, 'verdict' | 'reasons'>): boolean {
  return verdict !== 'not_assessed' && flawsOf(reasons).every(({ code }) => code === 'many_faces')
}

export function numberFaces(faces: readonly Face[]): NumberedFace[] {
  const highest = Math.max(...faces.map((face) => face.fake_probability))
  const deciding = faces.findIndex((face) => face.fake_probability === highest)
  return faces.map((face, place) => ({
    ...face,
    number: place + 1,
    isDeciding: place === deciding,
  }))
}
