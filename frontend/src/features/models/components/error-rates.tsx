import { formatRange, type ErrorRate, type Interval } from '@/lib/error-rates'
import { formatCount, formatShare } from '@/lib/numbers'

import classes from './error-rates.module.css'

/** False alarms, misses and clear verdicts on held-out images, each with its interval and the images behind it. */
export function ErrorRates({ rates }: { rates: readonly ErrorRate[] }) {
  if (rates.length === 0) return <p>This was not measured for this model.</p>
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th>Images</th>
          <th>Photographs called fake</th>
          <th>Fakes called real</th>
          <th>Clear verdicts</th>
        </tr>
      </thead>
      <tbody>
        {rates.map((rate) => (
          <tr key={rate.name}>
            <th scope="row">{rate.name}</th>
            <Cell name="Photographs called fake" share={rate.false_alarms} count={rate.reals} />
            <Cell name="Fakes called real" share={rate.misses} count={rate.fakes} />
            <Cell name="Clear verdicts" share={rate.coverage} count={rate.reals + rate.fakes} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cell({ name, share, count }: { name: string; share: Interval; count: number }) {
  return (
    <td data-name={name}>
      <b>{formatShare(share.value)}</b>{' '}
      <span>
        {formatRange(share)} of {formatCount(count)}
      </span>
    </td>
  )
}
