import { useHotkeys } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'

import { analysisQuery } from '../api/get-analysis'
import type { ResultsView } from '../view'
import type { Neighbours } from './use-neighbours'

export type Steps = { previous: () => void; next: () => void }

/** Steps to the results beside this one, by the arrow keys too; the next one is fetched beforehand. */
export function useSteps(
  batchId: string,
  { previous, next }: Neighbours,
  view: ResultsView,
): Steps {
  const navigate = useNavigate()
  const queryClient = useQueryClient()

  useEffect(() => {
    if (next) queryClient.query(analysisQuery(next)).catch(ignore) // its own page will show the error
  }, [queryClient, next])

  function stepTo(analysisId: string | null) {
    if (!analysisId) return
    void navigate({
      to: '/batches/$batchId/analyses/$analysisId',
      params: { batchId, analysisId },
      search: view,
      replace: true, // so that "back" leads to the list, however many results were looked at
      resetScroll: false,
    })
  }
  const steps = {
    previous: () => {
      stepTo(previous)
    },
    next: () => {
      stepTo(next)
    },
  }
  useHotkeys([
    ['ArrowLeft', unlessSteering(steps.previous), { preventDefault: false }],
    ['ArrowRight', unlessSteering(steps.next), { preventDefault: false }],
  ])
  return steps
}

/** The arrows that move the map's slider do not also leave the page. */
function unlessSteering(step: () => void) {
  return ({ target }: KeyboardEvent) => {
    if (!(target instanceof Element && target.closest('[role="slider"]'))) step()
  }
}

function ignore() {
  return undefined
}
