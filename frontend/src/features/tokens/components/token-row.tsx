import { Button, Code, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'

import { Confirm } from '@/components/confirm'
import { TimeAgo } from '@/components/time-ago'
import { formatMoment } from '@/lib/times'
import { useNow } from '@/lib/use-now'

import type { Token } from '../api/list-tokens'
import { useRevokeToken } from '../api/revoke-token'
import { wordsOf } from '../scopes'
import classes from './tokens.module.css'

export function TokenRow({ token }: { token: Token }) {
  const [isAsking, asking] = useDisclosure()
  const revoke = useRevokeToken()
  const now = useNow()
  return (
    <div className={classes.row} data-testid="token-row">
      <div>
        <Text fw={500}>
          {token.name} <Code>{token.prefix}…</Code>
        </Text>
        <Text size="sm" c="dimmed">
          Made <TimeAgo moment={token.created_at} />
          {token.last_used_at ? (
            <>
              , last used <TimeAgo moment={token.last_used_at} />
            </>
          ) : (
            ', never used'
          )}
          {endWords(token, now)}
        </Text>
        <Text size="sm" c="dimmed">
          {token.scopes.map(wordsOf).join(' · ')}
        </Text>
      </div>
      <Button variant="default" onClick={asking.open}>
        Revoke
      </Button>
      <Confirm
        isOpen={isAsking}
        title={`Revoke “${token.name}”?`}
        action="Revoke"
        refusal="Keep it"
        isPending={revoke.isPending}
        error={revoke.error}
        onConfirm={() => {
          revoke.mutate(token.id, { onSuccess: asking.close })
        }}
        onClose={asking.close}
      >
        Programs that use it are refused from now on. What they sent stays.
      </Confirm>
    </div>
  )
}

function endWords({ expires_at }: Token, now: number): string {
  if (!expires_at) return ', no end'
  if (Date.parse(expires_at) <= now) return ', over: it opens nothing any more'
  return `, ends ${formatMoment(expires_at)}`
}
