import { Skeleton } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'

import { TimeAgo } from '@/components/time-ago'
import { formatInterval } from '@/lib/error-rates'
import { formatCounted } from '@/lib/numbers'

import type { ModelVersion } from '../api/list-models'
import { StateBadge } from './state-badge'
import classes from './version-list.module.css'

export function VersionList({ versions }: { versions: readonly ModelVersion[] }) {
  return (
    <ul className={classes.list}>
      {versions.map((version) => (
        <li key={version.version}>
          <VersionLink version={version} />
        </li>
      ))}
    </ul>
  )
}

function VersionLink({ version }: { version: ModelVersion }) {
  const { test, problem } = version
  return (
    <Link
      to="/models/$version"
      params={{ version: version.version }}
      className={classes.version}
      data-testid="model-version"
      data-state={version.state}
    >
      <span className={classes.name}>
        <b>{version.version}</b> <StateBadge state={version.state} />
      </span>
      <span className={classes.origin}>
        Recipe {version.recipe} · {version.is_shipped ? 'came with Assay' : 'imported'}{' '}
        <TimeAgo moment={version.imported_at} />
        {version.imported_by && ` by ${version.imported_by}`}
      </span>
      <span className={classes.figures}>
        {test ? (
          <>
            <span>
              Accuracy <b>{formatInterval(test.accuracy)}</b>
            </span>
            <span>
              AUC{' '}
              <b>
                {test.auc.value.toFixed(3)} ({test.auc.low.toFixed(3)}–{test.auc.high.toFixed(3)})
              </b>
            </span>
            <span>{formatCounted(test.n, 'test image')}</span>
          </>
        ) : (
          'Not tested'
        )}
      </span>
      {problem && (
        <span className={classes.problem}>
          <IconAlertTriangle size={16} aria-hidden /> {problem}
        </span>
      )}
    </Link>
  )
}

export function VersionListSkeleton() {
  return (
    <div className={classes.list} role="status" aria-busy="true" aria-label="Loading the models">
      {[0, 1].map((row) => (
        <Skeleton key={row} height={88} radius={0} />
      ))}
    </div>
  )
}
