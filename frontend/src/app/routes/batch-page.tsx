import { Anchor, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { Results, ResultsSkeleton } from '@/features/analyses/components/results'
import { ViewBar } from '@/features/analyses/components/view-bar'
import { batchQuery } from '@/features/batches/api/get-batch'
import { AnalyseAgain } from '@/features/batches/components/analyse-again'
import { BatchActions } from '@/features/batches/components/batch-actions'
import { BatchHeader, BatchHeaderSkeleton } from '@/features/batches/components/batch-header'
import { ExportResults } from '@/features/batches/components/export-results'
import { RepeatNote } from '@/features/batches/components/repeat-note'
import { modelsQuery, type ModelVersion } from '@/features/models/api/list-models'
import { problemOf } from '@/lib/api/problem'
import { usePageTitle } from '@/lib/use-page-title'
import { verdicts } from '@/lib/verdicts'

import classes from './page.module.css'
import { useFreshResults } from './use-fresh-results'

const route = getRouteApi('/desk/batches/$batchId')

export function BatchPage() {
  const { batchId } = route.useParams()
  const view = route.useSearch()
  const navigate = useNavigate({ from: '/batches/$batchId' })
  const { data: batch, error, refetch } = useQuery(batchQuery(batchId))
  const { data: models } = useQuery(modelsQuery)
  useFreshResults(batch)
  const isGone = error !== null && problemOf(error).status === 404
  usePageTitle(isGone ? undefined : batch?.name)

  if (!batch || isGone) {
    return error ? (
      <>
        <Title order={1} className={classes.title ?? ''}>
          Batch
        </Title>
        <ProblemAlert problem={problemOf(error)} onRetry={() => void refetch()}>
          <Anchor component={Link} to="/batches" size="sm">
            All batches
          </Anchor>
        </ProblemAlert>
      </>
    ) : (
      <>
        <BatchHeaderSkeleton />
        <ResultsSkeleton />
      </>
    )
  }
  const shownVerdict = verdicts.find((verdict) => verdict === view.show) ?? null
  return (
    <>
      <BatchHeader batch={batch}>
        <BatchActions batch={batch} onDeleted={() => void navigate({ to: '/batches' })}>
          <ExportResults batch={batch} verdict={shownVerdict} />
          {models && batch.counts.done > 0 && (
            <AnalyseAgain
              batch={batch}
              verdict={shownVerdict}
              versions={otherFirst(models.results, batch.model_version)}
              onMade={({ id }) =>
                void navigate({ to: '/batches/$batchId', params: { batchId: id } })
              }
            />
          )}
        </BatchActions>
      </BatchHeader>
      {batch.origin !== null && <RepeatNote batch={batch} originId={batch.origin} />}
      {error && <ProblemAlert problem={problemOf(error)} onRetry={() => void refetch()} />}
      <ViewBar
        view={view}
        counts={{
          all: batch.total,
          ...batch.verdicts,
          failed: batch.counts.failed,
          quarantined: batch.counts.quarantined,
          cancelled: batch.counts.cancelled,
        }}
        onChange={(search) => void navigate({ search, replace: true, resetScroll: false })}
      />
      <Results batchId={batchId} view={view} />
    </>
  )
}

/** The version that judged these images comes last: who asks again mostly asks another. */
function otherFirst(versions: readonly ModelVersion[], judged: string | null) {
  const active = versions.find(({ state }) => state === 'active')?.version
  const isJudge = ({ version }: ModelVersion) => version === (judged ?? active)
  return [...versions.filter((one) => !isJudge(one)), ...versions.filter(isJudge)]
}
