import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouteContext } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { analysisQuery, type Analysis } from '@/features/analyses/api/get-analysis'
import { AnalysisImage } from '@/features/analyses/components/analysis-image'
import { Evidence } from '@/features/analyses/components/evidence'
import { FaceList } from '@/features/analyses/components/face-list'
import { Facts } from '@/features/analyses/components/facts'
import { OtherResults } from '@/features/analyses/components/other-results'
import { Reasons } from '@/features/analyses/components/reasons'
import { RetryAnalysis } from '@/features/analyses/components/retry-analysis'
import { ScoreBar } from '@/features/analyses/components/score-bar'
import { Stability } from '@/features/analyses/components/stability'
import { Stepper } from '@/features/analyses/components/stepper'
import { useNeighbours } from '@/features/analyses/components/use-neighbours'
import { useSteps } from '@/features/analyses/components/use-steps'
import { useSwipe } from '@/features/analyses/components/use-swipe'
import { VerdictPanel } from '@/features/analyses/components/verdict-panel'
import { isScoreReliable } from '@/features/analyses/words'
import { batchQuery } from '@/features/batches/api/get-batch'
import { ModelPopover } from '@/features/models/components/model-popover'
import { problemOf } from '@/lib/api/problem'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './analysis-page.module.css'
import { useFreshResults } from './use-fresh-results'

const route = getRouteApi('/desk/batches/$batchId/analyses/$analysisId')

export function AnalysisPage() {
  const { batchId, analysisId } = route.useParams()
  const view = route.useSearch()
  const analysis = useQuery(analysisQuery(analysisId))
  const { data: batch } = useQuery(batchQuery(batchId))
  useFreshResults(batch) // what comes in while one looks stands behind "next"
  const neighbours = useNeighbours(batchId, analysisId, view)
  const step = useSteps(batchId, neighbours, view)
  const swipe = useSwipe(step.next, step.previous)
  usePageTitle(analysis.data?.filename)

  return (
    <article {...swipe}>
      <Stepper
        batchId={batchId}
        batchName={analysis.data?.batch_name ?? 'Batch'}
        title={analysis.data?.filename ?? 'Result'}
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
  const { user } = useRouteContext({ from: '/desk' })
  const { fake_probability: fakeProbability, model_version: version, faces, stability } = analysis
  return (
    <>
      <div className={classes.columns}>
        <AnalysisImage analysis={analysis} />
        <div className={classes.rail}>
          <div className={classes.verdict}>
            <VerdictPanel analysis={analysis} />
            <RetryAnalysis analysis={analysis} />
            {fakeProbability !== null && isScoreReliable(analysis) && (
              <ScoreBar
                fakeProbability={fakeProbability}
                thresholds={analysis.thresholds}
                bands={analysis.bands}
              />
            )}
            <Reasons analysis={analysis} />
            {stability !== null && <Stability share={stability} />}
            {faces.length > 1 && <FaceList analysis={analysis} />}
          </div>
          <div className={classes.facts}>
            {version && (
              <div>
                <ModelPopover version={version} />
                <OtherResults analysis={analysis} />
              </div>
            )}
            <hr className={classes.line} />
            <Facts analysis={analysis} />
          </div>
        </div>
      </div>
      <Evidence analysisId={analysis.id} mayLocate={user.is_staff} />
    </>
  )
}

function ResultSkeleton() {
  return (
    <div className={classes.columns} role="status" aria-busy="true" aria-label="Loading the result">
      <Skeleton className={classes.imageSkeleton ?? ''} />
      <div className={classes.rail}>
        <div className={classes.verdict}>
          <Skeleton height={32} width="80%" />
          <Skeleton height={64} />
          <Skeleton height={200} />
        </div>
      </div>
    </div>
  )
}
