import { ActionIcon, Button, Group, Progress, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, type ReactNode } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { formatCount, formatCounted } from '@/lib/numbers'

import { describeRejections } from '../rejections'
import { isUnderWay, tally, type Upload } from '../upload'
import { useUploadQueue, useUploads } from '../uploads-context'
import classes from './upload-tray.module.css'

type Props = {
  /** What becomes of the files of an upload that were accepted, in words. */
  outcome: (batchId: string) => ReactNode
}

/** What is on its way to the server, what did not get there, and what became of the rest, on every page. */
export function UploadTray({ outcome }: Props) {
  const queue = useUploadQueue()
  const uploads = useUploads()
  const isBusy = uploads.some(isUnderWay)
  const figures = tally({ parts: uploads.flatMap(({ parts }) => parts) })
  useLeaveWarning(isBusy || figures.failed > 0)
  if (uploads.length === 0) return null

  return (
    <section className={classes.tray} aria-label="Uploads" data-testid="upload-tray">
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={600} role="status">
          {isBusy || figures.failed > 0
            ? `${formatCount(figures.sending)} uploading · ${formatCount(figures.queued)} queued · ${formatCount(figures.failed)} failed`
            : 'Upload finished'}
        </Text>
        <ActionIcon
          aria-label={isBusy ? 'Stop uploading what is queued' : 'Close'}
          title={isBusy ? 'Stop uploading what is queued' : 'Close'}
          onClick={() => {
            queue.dismiss()
          }}
        >
          <IconX size={16} />
        </ActionIcon>
      </Group>
      {isBusy && <Progress value={figures.progress * 100} size="sm" aria-label="Uploaded" />}
      {figures.failed > 0 && (
        <FailedRequests
          uploads={uploads}
          unsent={figures.queued + figures.failed}
          onRetry={() => {
            queue.retryFailed()
          }}
        />
      )}
      {uploads.map(
        ({ key, rejected, accepted, batchId }) =>
          rejected.length > 0 && (
            <Rejections key={key} rejected={rejected} accepted={accepted}>
              {batchId !== null && accepted > 0 && outcome(batchId)}
            </Rejections>
          ),
      )}
    </section>
  )
}

type FailedProps = { uploads: readonly Upload[]; unsent: number; onRetry: () => void }

function FailedRequests({ uploads, unsent, onRetry }: FailedProps) {
  const part = uploads.flatMap(({ parts }) => parts).find(({ problem }) => problem !== null)
  return (
    <>
      {part?.problem && <ProblemAlert problem={part.problem} />}
      <Text size="sm">
        {formatCounted(unsent, 'file')} {unsent === 1 ? 'waits' : 'wait'} in this window to be sent:
        keep it open.
      </Text>
      <Button onClick={onRetry} variant="default">
        Retry failed
      </Button>
    </>
  )
}

/** Long lists cost more than they tell. */
const listedCount = 200

type RejectionsProps = Pick<Upload, 'rejected' | 'accepted'> & { children: ReactNode }

function Rejections({ rejected, accepted, children }: RejectionsProps) {
  const unlisted = rejected.length - listedCount
  return (
    <div className={classes.rejections}>
      <details>
        <summary>{describeRejections(rejected, accepted)}</summary>
        <ul>
          {rejected.slice(0, listedCount).map(({ filename, detail }, place) => (
            <li key={place} data-testid="rejected-file">
              <b>{filename}</b> {detail}
            </li>
          ))}
          {unlisted > 0 && <li>and {formatCount(unlisted)} more</li>}
        </ul>
      </details>
      {children}
    </div>
  )
}

/** Files live in this page alone until they are sent: leaving it would lose them. */
function useLeaveWarning(isAnyUnsent: boolean) {
  useEffect(() => {
    if (!isAnyUnsent) return
    function warn(event: BeforeUnloadEvent) {
      event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
    }
  }, [isAnyUnsent])
}
