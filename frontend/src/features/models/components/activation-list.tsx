import { TimeAgo } from '@/components/time-ago'

import type { Activation } from '../api/list-models'
import classes from './activation-list.module.css'

/** Who let which model judge, the latest first. */
export function ActivationList({ activations }: { activations: readonly Activation[] }) {
  return (
    <ol className={classes.list} reversed>
      {activations.map((activation) => (
        <li key={activation.at}>
          <b>{activation.version}</b> {words(activation)} <TimeAgo moment={activation.at} />
        </li>
      ))}
    </ol>
  )
}

function words({ kind, previous, by }: Activation): string {
  if (kind === 'shipped') return 'as it came with Assay,'
  const deed = kind === 'rollback' ? 'rolled back to' : 'activated'
  const after = previous ? `, after ${previous},` : ''
  return `${deed}${by ? ` by ${by}` : ' on the command line'}${after}`
}
