import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'

import { tokensQuery } from '../api/list-tokens'
import { CreateToken } from './create-token'
import { TokenRow } from './token-row'
import classes from './tokens.module.css'

export function Tokens({ isStaff }: { isStaff: boolean }) {
  const { data: tokens, error, refetch } = useQuery(tokensQuery)
  return (
    <div className={classes.panel}>
      {tokens?.map((token) => (
        <TokenRow key={token.id} token={token} />
      ))}
      {tokens?.length === 0 && (
        <Text c="dimmed" className={classes.row ?? ''}>
          No tokens yet. Name the program that will use the first one.
        </Text>
      )}
      {!tokens && !error && (
        <Skeleton
          height={60}
          radius={0}
          role="status"
          aria-busy="true"
          aria-label="Loading tokens"
        />
      )}
      {error && <ProblemAlert problem={problemOf(error)} onRetry={() => void refetch()} />}
      <CreateToken isStaff={isStaff} />
    </div>
  )
}
