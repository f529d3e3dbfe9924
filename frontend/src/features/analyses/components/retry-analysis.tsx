import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'

import type { Analysis } from '../api/get-analysis'
import { useRetryAnalysis } from '../api/retry-analysis'
import { hasFailed } from '../words'

/** For an image without a result: another try. */
export function RetryAnalysis({ analysis }: { analysis: Pick<Analysis, 'id' | 'state'> }) {
  const retry = useRetryAnalysis(analysis.id)
  if (!hasFailed(analysis.state) && analysis.state !== 'cancelled') return null
  return (
    <div>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={retry.isPending}
        onClick={() => {
          retry.mutate()
        }}
      >
        Try again
      </Button>
      {retry.error && <ProblemAlert problem={problemOf(retry.error)} />}
    </div>
  )
}
