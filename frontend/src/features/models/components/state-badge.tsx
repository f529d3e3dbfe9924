import { IconCircleCheckFilled, IconEye } from '@tabler/icons-react'

import type { ModelVersion } from '../api/list-models'
import classes from './state-badge.module.css'

/** Which model judges and which looks on; the others have no mark. */
export function StateBadge({ state }: Pick<ModelVersion, 'state'>) {
  if (state === 'available') return null
  const isActive = state === 'active'
  const Icon = isActive ? IconCircleCheckFilled : IconEye
  return (
    <span className={classes.badge} data-state={state}>
      <Icon size={14} aria-hidden />
      {isActive ? 'Active' : 'Shadow'}
    </span>
  )
}
