import { Button, Code, Group, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'

import { ProblemAlert } from '@/components/problem-alert'
import { TimeAgo } from '@/components/time-ago'
import { problemOf } from '@/lib/api/problem'

import type { Token } from '../api/list-tokens'
import { useRevokeToken } from '../api/revoke-token'
import classes from './tokens.module.css'

export function TokenRow({ token }: { token: Token }) {
  const [isAsking, asking] = useDisclosure()
  const revoke = useRevokeToken()
  return (
    <div className={classes.row}>
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
        </Text>
      </div>
      <Button variant="default" onClick={asking.open}>
        Revoke
      </Button>
      <Modal opened={isAsking} onClose={asking.close} title={`Revoke “${token.name}”?`}>
        <Text>Programs that use it are refused from now on. What they sent stays.</Text>
        {revoke.error && <ProblemAlert problem={problemOf(revoke.error)} />}
        <Group justify="end" mt="lg">
          <Button variant="default" onClick={asking.close}>
            Keep it
          </Button>
          <Button
            loading={revoke.isPending}
            onClick={() => {
              revoke.mutate(token.id, { onSuccess: asking.close })
            }}
          >
            Revoke
          </Button>
        </Group>
      </Modal>
    </div>
  )
}
