import { bandWords, type Bands } from '@/lib/error-rates'
import { formatShare } from '@/lib/numbers'

import classes from './score-bar.module.css'

type Props = {
  fakeProbability: number
  /** The limits of the model that gave the score; absent where it is not known any more. */
  thresholds: { real_below: number; fake_from: number } | null
  bands: Bands | null
}

/** Where the score lies between real and fake, with the bands that make it a verdict. */
export function ScoreBar({ fakeProbability, thresholds, bands }: Props) {
  const percent = (share: number) => `${share * 100}%`
  return (
    <div>
      <div
        className={classes.bar}
        role="img"
        aria-label={`Fake probability ${formatShare(fakeProbability)}${describeBands(thresholds)}`}
      >
        <span
          className={classes.value}
          style={{ left: `clamp(20px, ${percent(fakeProbability)}, 100% - 20px)` }}
        >
          {formatShare(fakeProbability)}
        </span>
        <div className={classes.track}>
          {thresholds && (
            <>
              <span className={classes.real} style={{ width: percent(thresholds.real_below) }} />
              <span
                className={classes.inconclusive}
                style={{ width: percent(thresholds.fake_from - thresholds.real_below) }}
              />
              <span className={classes.fake} style={{ width: percent(1 - thresholds.fake_from) }} />
            </>
          )}
          <span className={classes.marker} style={{ left: percent(fakeProbability) }} />
        </div>
        <div className={classes.ends}>
          <span>real{thresholds && ` below ${formatShare(thresholds.real_below, 0)}`}</span>
          {thresholds && <span>inconclusive</span>}
          <span>fake{thresholds && ` from ${formatShare(thresholds.fake_from, 0)}`}</span>
        </div>
      </div>
      {bands && <p className={classes.bands}>{bandWords(bands)}</p>}
    </div>
  )
}

function describeBands(thresholds: Props['thresholds']): string {
  if (!thresholds) return ''
  return `; real below ${formatShare(thresholds.real_below, 0)}, fake from ${formatShare(thresholds.fake_from, 0)}`
}
