import { Title } from '@mantine/core'
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'

import { ProblemAlert } from '@/components/problem-alert'
import { ApiError, type Problem } from '@/lib/api/problem'

import classes from './alone.module.css'

/** The last net: a page that could not be built at all. */
export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <main className={classes.page}>
      <div className={classes.bare}>
        <Title order={1} mb="md">
          Assay
        </Title>
        <ProblemAlert
          problem={error instanceof ApiError ? error.problem : brokenPage(error)}
          onRetry={() => void router.invalidate()}
        />
      </div>
    </main>
  )
}

function brokenPage(error: unknown): Problem {
  const cause = error instanceof Error ? error.message : String(error)
  return {
    type: 'about:blank',
    title: 'This page broke',
    status: 500,
    detail: `The screen could not be drawn (${cause}). What you sent is safe; try again, or reload the page.`,
    code: 'broken_page',
    request_id: '',
  }
}
