import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { analysisQuery, type Analysis } from '@/features/analyses/api/get-analysis'
import { AnalysisImage } from '@/features/analyses/components/analysis-image'
import { Facts } from '@/features/analyses/components/facts'
import { ScoreBar } from '@/features/analyses/components/score-bar'
import { Stepper } from '@/features/analyses/components/stepper'
import { useNeighbours } from '@/features/analyses/components/use-neighbours'
import { useSteps } from '@/features/analyses/components/use-steps'
import { useSwipe } from '@/features/analyses/components/use-swipe'
import { VerdictPanel } from '@/features/analyses/components/verdict-panel'
import { modelQuery } from '@/features/model/api/get-model'
import { ModelPopover } from '@/features/model/components/model-popover'
import { problemOf } from '@/lib/api/problem'

import classes from './analysis-page.module.css'

const route = getRouteApi('/desk/batches/$batchId/analyses/$analysisId')

export function AnalysisPage() {
  const { batchId, analysisId } = route.useParams()
  const view = route.useSearch()
  const analysis = useQuery(analysisQuery(analysisId))
  const neighbours = useNeighbours(batchId, analysisId, view)
  const step = useSteps(batchId, neighbours, view)
  const swipe = useSwipe(step.next, step.previous)

  return (
    <article {...swipe}>
      <Stepper
        batchId={batchId}
        batchName={analysis.data?.batch_name ?? 'Batch'}
        title={analysis.data?.filename ?? ''}
        view={view}
        neighbours={neighbours}
        step={step}
      />
      {analysis.data && <Result analysis={analysis.data} />}
      {analysis.isError && (
        <ProblemAlert problem={problemOf(analysis.error)} onRetry={() => void analysis.refetch()} />
      )}
      {analysis.isPending && <ResultSkeleton />}
    </article>
  )
}

function Result({ analysis }: { analysis: Analysis }) {
  const { data: model } = useQuery(modelQuery)
  const { fake_probability: fakeProbability, model_version: version } = analysis
  return (
    <div className={classes.columns}>
      <AnalysisImage analysis={analysis} />
      <div className={classes.rail}>
        <VerdictPanel analysis={analysis} />
        {fakeProbability !== null && (
          <ScoreBar
            fakeProbability={fakeProbability}
            thresholds={model?.version === version ? model.thresholds : null}
          />
        )}
        {version && (
          <div>
            <ModelPopover version={version} />
          </div>
        )}
        <hr className={classes.line} />
        <Facts analysis={analysis} />
      </div>
    </div>
  )
}

function ResultSkeleton() {
  return (
    <div className={classes.columns} aria-busy="true" aria-label="Loading the result">
      <Skeleton className={classes.imageSkeleton ?? ''} />
      <div className={classes.rail}>
        <Skeleton height={32} width="80%" />
        <Skeleton height={64} />
        <Skeleton height={200} />
      </div>
    </div>
  )
}
