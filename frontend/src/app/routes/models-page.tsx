import { Group, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouteContext } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { modelsQuery } from '@/features/models/api/list-models'
import { ActivationList } from '@/features/models/components/activation-list'
import { ImportModel } from '@/features/models/components/import-model'
import { RollBack } from '@/features/models/components/version-actions'
import { VersionList, VersionListSkeleton } from '@/features/models/components/version-list'
import { rollbackTarget } from '@/features/models/rollback-target'
import { problemOf } from '@/lib/api/problem'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './page.module.css'

export function ModelsPage() {
  usePageTitle('Models')
  const { user } = useRouteContext({ from: '/desk' })
  const { data: models, error, refetch } = useQuery(modelsQuery)
  const active = models?.results.find(({ state }) => state === 'active')
  const before = models && rollbackTarget(models.activations)
  return (
    <div className={classes.narrow}>
      <Title order={1} className={classes.title ?? ''}>
        Models
      </Title>
      {user.is_staff && <ImportModel />}
      {error && <ProblemAlert problem={problemOf(error)} onRetry={() => void refetch()} />}
      {models && <VersionList versions={models.results} />}
      {!models && !error && <VersionListSkeleton />}
      {models && models.activations.length > 0 && (
        <section className={classes.section}>
          <Group justify="space-between" mb="sm">
            <Title order={2}>Which judged when</Title>
            {user.is_staff && active && before && (
              <RollBack active={active.version} target={before} />
            )}
          </Group>
          <ActivationList activations={models.activations} />
        </section>
      )}
    </div>
  )
}
