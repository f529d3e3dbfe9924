import { Button, Group, Modal, Text } from '@mantine/core'
import type { ReactNode } from 'react'

import { problemOf } from '@/lib/api/problem'

import { ProblemAlert } from './problem-alert'

type Props = {
  isOpen: boolean
  title: string
  /** What the button that does it says, and the one that leaves all as it is. */
  action: string
  refusal?: string
  isPending: boolean
  error: Error | null
  onConfirm: () => void
  onClose: () => void
  children: ReactNode
}

/** Says what will happen before it does. */
export function Confirm({
  isOpen,
  title,
  action,
  refusal = 'Cancel',
  isPending,
  error,
  onConfirm,
  onClose,
  children,
}: Props) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={title}>
      <Text component="div">{children}</Text>
      {error && <ProblemAlert problem={problemOf(error)} />}
      <Group justify="end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {refusal}
        </Button>
        <Button loading={isPending} onClick={onConfirm}>
          {action}
        </Button>
      </Group>
    </Modal>
  )
}
