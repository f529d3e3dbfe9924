import { verdictLabels, type Verdict } from '@/lib/verdicts'

import classes from './verdict-mark.module.css'

/** Without a label it is an ornament beside words that say the same. */
type Props = { verdict: Verdict; size?: number; label?: string }

/** The verdict as a shape and a colour: the shape alone is enough. */
export function VerdictMark({ verdict, size = 16, label = verdictLabels[verdict] }: Props) {
  return (
    <svg
      className={classes.mark}
      data-verdict={verdict}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    >
      <Shape verdict={verdict} />
    </svg>
  )
}

function Shape({ verdict }: { verdict: Verdict }) {
  switch (verdict) {
    case 'fake':
      return <path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="currentColor" />
    case 'real':
      return <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="2.4" />
    case 'inconclusive':
      return (
        <>
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M8 2a6 6 0 0 0 0 12Z" fill="currentColor" />
        </>
      )
    case 'not_assessed':
      return <path d="M2.5 8h11" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
  }
}
