import { formatCount } from '@/lib/numbers'
import { formatTimes, strengthOf, strengthWords } from '@/lib/strengths'

import type { StrengthBand } from '../card'
import classes from './error-rates.module.css'

const ratio = 'Likelihood ratio'
const support = 'Support'

/** How strongly scores speak for either side, band by band, each with its interval and the images behind it. */
export function StrengthScale({ scale }: { scale: readonly StrengthBand[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th>Fake probability</th>
          <th>{ratio}</th>
          <th>{support}</th>
        </tr>
      </thead>
      <tbody>
        {scale.map(
          ({ score_low: low, score_high: high, likelihood_ratio: found, fakes, reals }) => (
            <tr key={low}>
              <th scope="row">
                {formatTimes(100 * low)} to {formatTimes(100 * high)} %
              </th>
              <td data-name={ratio}>
                <b>{formatTimes(found.value)}</b>{' '}
                <span>
                  {formatTimes(found.low)}–{formatTimes(found.high)}
                </span>
              </td>
              <td data-name={support}>
                <b>{strengthWords[strengthOf(found)]}</b>{' '}
                <span>
                  {formatCount(fakes)} synthetic, {formatCount(reals)} photographs
                </span>
              </td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  )
}
