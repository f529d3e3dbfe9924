/** The note of a place in a file, in words where it can be read as such, and what else stands beside it. */
export type Place = { coordinates: string | null; notes: [name: string, value: string][] }

/** How EXIF names what it says of a place. */
const prefix = 'GPS'

/** Picks the place out of what a file says; null where it says nothing of one. */
export function readPlace(metadata: Record<string, string>): Place | null {
  const notes = Object.entries(metadata).filter(([name]) => name.startsWith(prefix))
  if (notes.length === 0) return null
  const latitude = toDegrees(metadata.GPSLatitude, metadata.GPSLatitudeRef, ['N', 'S'])
  const longitude = toDegrees(metadata.GPSLongitude, metadata.GPSLongitudeRef, ['E', 'W'])
  if (!latitude || !longitude) return { coordinates: null, notes }
  const rest = notes.filter(([name]) => !/^GPS(Latitude|Longitude)(Ref)?$/.test(name))
  return { coordinates: `${latitude}, ${longitude}`, notes: rest }
}

/** `48.85822° N` of `(48.0, 51.0, 29.6)` and `N`: five decimals are a metre; null for what is no angle. */
function toDegrees(angle = '', side = '', sides: readonly string[]): string | null {
  const parts = /^\(([\d.]+), ([\d.]+), ([\d.]+)\)$/.exec(angle)?.slice(1).map(Number)
  if (!parts || !sides.includes(side)) return null
  const [degrees = NaN, minutes = NaN, seconds = NaN] = parts
  const value = degrees + minutes / 60 + seconds / 3600
  return Number.isFinite(value) ? `${value.toFixed(5)}° ${side}` : null
}
