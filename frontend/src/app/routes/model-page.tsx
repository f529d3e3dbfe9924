import { Skeleton, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { ProblemAlert } from '@/components/problem-alert'
import { modelQuery } from '@/features/model/api/get-model'
import { ModelCard } from '@/features/model/components/model-card'
import { problemOf } from '@/lib/api/problem'

import classes from './page.module.css'

export function ModelPage() {
  const model = useQuery(modelQuery)
  return (
    <div className={classes.narrow}>
      <Title order={1} className={classes.title ?? ''}>
        Model
      </Title>
      {model.data && <ModelCard model={model.data} />}
      {model.isPending && <Skeleton height={480} radius="lg" aria-label="Loading the model" />}
      {model.isError && (
        <ProblemAlert problem={problemOf(model.error)} onRetry={() => void model.refetch()} />
      )}
    </div>
  )
}
