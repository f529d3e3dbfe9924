import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'

import { Confirm } from '@/components/confirm'
import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'
import { formatCount, formatCounted } from '@/lib/numbers'

import { useCancelBatch } from '../api/cancel-batch'
import { useDeleteBatch } from '../api/delete-batch'
import type { Batch } from '../api/get-batch'
import { usePauseBatch } from '../api/pause-batch'
import { useResumeBatch } from '../api/resume-batch'
import { useRetryBatch } from '../api/retry-batch'
import classes from './batch-actions.module.css'

type Props = {
  batch: Batch
  onDeleted: () => void
  /** What else can be done with the results; it stands before what is final. */
  children?: ReactNode
}

/** What a person may do with a batch; the rare and the final last. */
export function BatchActions({ batch, onDeleted, children }: Props) {
  const pause = usePauseBatch(batch.id)
  const resume = useResumeBatch(batch.id)
  const retry = useRetryBatch(batch.id)
  const { failed, quarantined } = batch.counts
  const error = pause.error ?? resume.error ?? retry.error
  const isPaused = batch.state === 'paused'
  const isGoing = batch.state === 'running' || isPaused
  const HoldIcon = isPaused ? IconPlayerPlay : IconPlayerPause
  return (
    <>
      {isGoing && (
        // One button for both, so that the focus stays on it.
        <Button
          variant={isPaused ? 'filled' : 'default'}
          leftSection={<HoldIcon size={16} aria-hidden />}
          loading={pause.isPending || resume.isPending}
          onClick={() => {
            if (isPaused) resume.mutate()
            else pause.mutate()
          }}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      )}
      {isGoing && <Cancel batch={batch} />}
      {failed + quarantined > 0 && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={retry.isPending && retry.variables === 'failed'}
          onClick={() => {
            retry.mutate('failed')
          }}
        >
          Retry failed
        </Button>
      )}
      {batch.counts.cancelled > 0 && (
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={retry.isPending && retry.variables === 'all'}
          onClick={() => {
            retry.mutate('all')
          }}
        >
          Take up again
        </Button>
      )}
      {children}
      <Delete batch={batch} onDeleted={onDeleted} />
      {error && (
        <div className={classes.problem}>
          <ProblemAlert problem={problemOf(error)} />
        </div>
      )}
    </>
  )
}

function Cancel({ batch }: { batch: Batch }) {
  const cancel = useCancelBatch(batch.id)
  const [isAsking, asking] = useDisclosure(false, { onOpen: cancel.reset })
  const left = batch.counts.waiting + batch.counts.paused
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} aria-hidden />}
        onClick={asking.open}
      >
        Cancel
      </Button>
      <Confirm
        isOpen={isAsking}
        title="Cancel this batch?"
        action="Cancel the batch"
        refusal="Let it go on"
        isPending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => {
          cancel.mutate(undefined, { onSuccess: asking.close })
        }}
        onClose={asking.close}
      >
        {formatCounted(left, 'image')} will not be analysed. The {formatCount(batch.counts.done)}{' '}
        results so far stay, and the rest can be taken up again later.
      </Confirm>
    </>
  )
}

function Delete({ batch, onDeleted }: Omit<Props, 'children'>) {
  const deletion = useDeleteBatch(batch.id)
  const [isAsking, asking] = useDisclosure(false, { onOpen: deletion.reset })
  return (
    <>
      <Button variant="default" px="xs" aria-label="Delete" title="Delete" onClick={asking.open}>
        <IconTrash size={16} aria-hidden />
      </Button>
      <Confirm
        isOpen={isAsking}
        title="Delete this batch for good?"
        action="Delete for good"
        refusal="Keep it"
        isPending={deletion.isPending}
        error={deletion.error}
        onConfirm={() => {
          deletion.mutate(undefined, { onSuccess: onDeleted })
        }}
        onClose={asking.close}
      >
        {formatCounted(batch.total, 'image')} with all results and exports will be lost, and nothing
        brings them back. Images that other batches use stay there. A receipt without names is kept.
      </Confirm>
    </>
  )
}
