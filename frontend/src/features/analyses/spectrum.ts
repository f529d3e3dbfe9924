import type { Spectrum } from './api/get-evidence'

/** A spectrum with the band in which 90 % of photographs lie at each frequency. */
export type BandedSpectrum = { profile: number[]; low: number[]; middle: number[]; high: number[] }

/** Of a photograph one value in ten lies outside a band from 5 to 95 %. */
const usualShareOutside = 0.1

export function withBand({ profile, low, middle, high }: Spectrum): BandedSpectrum | null {
  return low && middle && high ? { profile, low, middle, high } : null
}

/** What the chart shows, for who cannot see it. */
export function describeSpectrum(spectrum: Spectrum): string {
  const banded = withBand(spectrum)
  if (!banded) return 'This model brings no band of photographs to compare with.'
  const outside = placesOutside(banded)
  const count = banded.profile.length
  const usual = Math.round(count * usualShareOutside)
  const first = `${outside.length} of ${count} frequencies lie outside the band of photographs; of a photograph about ${usual} do.`
  if (outside.length <= usual) return first
  const fine = outside.filter((place) => place >= count / 2).length
  const half = fine >= outside.length / 2 ? 'finer' : 'coarser'
  return `${first} Most of them are in the ${half} half.`
}

function placesOutside({ profile, low, high }: BandedSpectrum): number[] {
  return profile.flatMap((power, place) => {
    const [least = -Infinity, most = Infinity] = [low[place], high[place]]
    return power < least || power > most ? [place] : []
  })
}
