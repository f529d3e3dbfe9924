import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'

import { formatCount, formatCounted } from '@/lib/numbers'

import type { Analysis, Reason } from '../api/get-analysis'
import { decidingReasons, reasonAdvice, reasonLabel } from '../reasons'
import classes from './reasons.module.css'

/** Why there is no clear verdict, or what to mind about one: what each reason means and what to do about it. */
export function Reasons({
  analysis,
}: {
  analysis: Pick<Analysis, 'verdict' | 'reasons' | 'frames'>
}) {
  const { verdict, reasons, frames } = analysis
  const deciding = decidingReasons(reasons)
  const between = verdict === 'inconclusive' && deciding.length === 0 && (
    <p className={classes.between}>The score lies between the limits for real and fake.</p>
  )
  if (reasons.length === 0) return between || null
  return (
    <section aria-label="Reasons">
      {between}
      <ul className={classes.reasons}>
        {[...deciding, ...reasons.filter((reason) => !deciding.includes(reason))].map((reason) => (
          <ReasonLine key={reason.code} reason={reason} />
        ))}
      </ul>
      {frames && (
        <p className={classes.between}>
          {formatCount(frames.examined)} of {formatCounted(frames.count, 'frame')} looked at; number{' '}
          {formatCount(frames.deciding + 1)} decided.
        </p>
      )}
    </section>
  )
}

function ReasonLine({ reason }: { reason: Reason }) {
  const advice = reasonAdvice(reason)
  const Icon = reason.effect === 'warning' ? IconInfoCircle : IconAlertTriangle
  return (
    <li data-testid="reason" data-effect={reason.effect}>
      <Icon size={18} stroke={1.6} aria-hidden />
      <div>
        <p>
          <b>{reasonLabel(reason)}</b> <span>{effectWords[reason.effect]}</span>
        </p>
        <p>{reason.message}</p>
        {advice && <p className={classes.advice}>{advice}</p>}
      </div>
    </li>
  )
}

const effectWords: Record<Reason['effect'], string> = {
  not_assessed: 'no verdict',
  inconclusive: 'no clear verdict',
  warning: 'to mind',
}
