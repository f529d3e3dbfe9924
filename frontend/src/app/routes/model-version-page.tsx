import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useRouteContext } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { modelQuery } from '@/features/models/api/get-model'
import { modelVersionQuery } from '@/features/models/api/get-model-version'
import { modelsQuery } from '@/features/models/api/list-models'
import { ModelCard } from '@/features/models/components/model-card'
import { ShadowSummary } from '@/features/models/components/shadow-summary'
import { StateBadge } from '@/features/models/components/state-badge'
import { VersionActions } from '@/features/models/components/version-actions'
import { problemOf } from '@/lib/api/problem'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './model-version-page.module.css'
import page from './page.module.css'

const route = getRouteApi('/desk/models/$version')

export function ModelVersionPage() {
  const { version } = route.useParams()
  usePageTitle(version)
  const { user } = useRouteContext({ from: '/desk' })
  const described = useQuery(modelVersionQuery(version))
  const served = useQuery(modelQuery)
  const { data: model } = described
  const { data: serving } = served
  const failed = [described, served].find(({ error }) => error)
  const { data: models } = useQuery(modelsQuery)
  const shadow = models?.results.find(({ state }) => state === 'shadow')?.version ?? null

  return (
    <div className={page.narrow}>
      <Link to="/models" className={classes.back} activeOptions={{ exact: true }}>
        ← Models
      </Link>
      <header className={classes.header}>
        <div className={classes.name}>
          <Text component="h1">{version}</Text>
          {model && <StateBadge state={model.state} />}
        </div>
        {user.is_staff && model && serving && (
          <VersionActions model={model} active={serving.version} shadow={shadow} />
        )}
      </header>
      {failed && (
        <ProblemAlert problem={problemOf(failed.error)} onRetry={() => void failed.refetch()} />
      )}
      {model?.problem && (
        <Text className={classes.problem ?? ''} role="alert">
          {model.problem}
        </Text>
      )}
      {model && serving && (
        <>
          <ShadowSummary model={model} activeVersion={serving.version} />
          <ModelCard model={model} engine={serving.engine} />
        </>
      )}
      {!failed && !(model && serving) && (
        <Skeleton
          height={480}
          radius="lg"
          role="status"
          aria-busy="true"
          aria-label="Loading the model"
        />
      )}
    </div>
  )
}
