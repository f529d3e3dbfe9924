import { formatCount, formatShare, formatSigned } from '@/lib/numbers'

import type { ModelVersionDetail } from '../api/get-model-version'
import classes from './shadow-summary.module.css'

type Props = { model: ModelVersionDetail; activeVersion: string }

/** How a version would have judged beside the active one; nothing where it never looked on. */
export function ShadowSummary({ model, activeVersion }: Props) {
  const { n, agreement, mean_difference: difference } = model.shadow
  if (n === 0 && model.state !== 'shadow') return null
  return (
    <section className={classes.panel} aria-labelledby="shadow">
      <h2 id="shadow">As a shadow of {activeVersion}</h2>
      {n === 0 ? (
        <p>No image yet. It scores each new one from now on.</p>
      ) : (
        <dl>
          <Figure name="Images scored by both">{formatCount(n)}</Figure>
          {agreement !== null && (
            <Figure name="Same verdict in both">{formatShare(agreement)}</Figure>
          )}
          {difference !== null && (
            <Figure name="Points of fake probability, on average">
              {formatSigned(difference * 100, 1)}
            </Figure>
          )}
        </dl>
      )}
    </section>
  )
}

function Figure({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
