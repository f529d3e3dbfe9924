import type { Spectrum } from '../api/get-evidence'
import { describeSpectrum, withBand } from '../spectrum'
import classes from './spectrum-chart.module.css'

const width = 480
const height = 180

/** How much structure the image has at each fineness, against the band in which photographs lie. */
export function SpectrumChart({ spectrum }: { spectrum: Spectrum }) {
  const banded = withBand(spectrum)
  const place = scaleOf(spectrum)
  const line = (powers: readonly number[]) => powers.map(place).join(' ')
  return (
    <figure className={classes.figure}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describeSpectrum(spectrum)}>
        {banded && (
          <>
            <polygon
              className={classes.band}
              points={`${line(banded.high)} ${banded.low.map(place).reverse().join(' ')}`}
            />
            <polyline className={classes.middle} points={line(banded.middle)} />
          </>
        )}
        <polyline className={classes.profile} points={line(spectrum.profile)} />
      </svg>
      <div className={classes.ends} aria-hidden>
        <span>coarse</span>
        <span>fine structure, log power</span>
        <span>finest</span>
      </div>
      {banded && (
        <div className={classes.legend} aria-hidden>
          <span data-line="profile">this image</span>
          <span data-line="middle">median photograph</span>
          <span data-line="band">5–95 % of photographs</span>
        </div>
      )}
      <figcaption>{describeSpectrum(spectrum)}</figcaption>
    </figure>
  )
}

/** Puts the power at a frequency on the paper, all lines on one scale. */
function scaleOf({ profile, low, high }: Spectrum) {
  const powers = [...profile, ...(low ?? []), ...(high ?? [])]
  const least = Math.min(...powers)
  const span = Math.max(...powers) - least || 1
  const last = Math.max(profile.length - 1, 1)
  return (power: number, index: number) =>
    `${((index / last) * width).toFixed(1)},${(height - 4 - ((power - least) / span) * (height - 8)).toFixed(1)}`
}
