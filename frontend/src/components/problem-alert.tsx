import { Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'

import type { Problem } from '@/lib/api/problem'

import { CopyText } from './copy-text'
import classes from './problem-alert.module.css'

type Props = {
  problem: Problem
  onRetry?: () => void
  /** Another way on than to try again. */
  children?: ReactNode
}

/** What happened, whether anything is lost and what to do: the server's own words, with the id that finds it in its log. */
export function ProblemAlert({ problem, onRetry, children }: Props) {
  const mayPass = problem.status !== 404
  return (
    <div className={classes.alert} role="alert">
      <IconAlertTriangle className={classes.icon} size={20} aria-hidden />
      <Stack gap={4} className={classes.text}>
        <Text fw={600}>{problem.title}</Text>
        <Text size="sm">{problem.detail}</Text>
        <Group gap="sm" mt={4}>
          {onRetry && mayPass && (
            <Button variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {children}
          {problem.request_id && (
            <div className={classes.code}>
              <CopyText label="Request id" text={problem.request_id} />
            </div>
          )}
        </Group>
      </Stack>
    </div>
  )
}
