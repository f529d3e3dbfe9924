import { ActionIcon, Button, Group, Progress, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'

import { Confirm } from '@/components/confirm'
import { ProblemAlert } from '@/components/problem-alert'
import { isLoggedOut } from '@/lib/api/problem'
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
  const figures = tally(uploads)
  const unsent = figures.queued + figures.failed
  if (uploads.length === 0) return null

  return (
    <section className={classes.tray} aria-label="Uploads" data-testid="upload-tray">
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={600}>
          {isBusy || figures.failed > 0
            ? `${formatCount(figures.sending)} uploading · ${formatCount(figures.queued)} queued · ${formatCount(figures.failed)} failed`
            : 'Upload finished'}
        </Text>
        {/* Said aloud when it changes, which the figures do with each request. */}
        <VisuallyHidden role="status">
          {isBusy ? 'Uploading' : figures.failed > 0 ? 'Upload stopped' : 'Upload finished'}
        </VisuallyHidden>
        <Dismiss isBusy={isBusy} unsent={unsent} isAnyFailed={figures.failed > 0} />
      </Group>
      {isBusy && <Progress value={figures.progress * 100} size="sm" aria-label="Uploaded" />}
      {figures.failed > 0 && (
        <FailedRequests
          uploads={uploads}
          unsent={unsent}
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

type DismissProps = { isBusy: boolean; unsent: number; isAnyFailed: boolean }

/** Takes the tray away; files that failed are in this window alone, so it asks before it drops them. */
function Dismiss({ isBusy, unsent, isAnyFailed }: DismissProps) {
  const queue = useUploadQueue()
  const [isAsking, asking] = useDisclosure()
  const files = formatCounted(unsent, 'unsent file')
  const words = isAnyFailed
    ? `Discard ${files}`
    : isBusy
      ? 'Stop uploading what is queued'
      : 'Close'

  function dismiss() {
    asking.close()
    queue.dismiss()
  }

  return (
    <>
      <ActionIcon aria-label={words} title={words} onClick={isAnyFailed ? asking.open : dismiss}>
        <IconX size={16} />
      </ActionIcon>
      <Confirm
        isOpen={isAsking}
        title={`Discard ${files}?`}
        action="Discard"
        refusal="Keep"
        isPending={false}
        error={null}
        onConfirm={dismiss}
        onClose={asking.close}
      >
        What has not reached the server is taken out of this window and not sent. What was accepted
        stays in its batch.
      </Confirm>
    </>
  )
}

type FailedProps = { uploads: readonly Upload[]; unsent: number; onRetry: () => void }

function FailedRequests({ uploads, unsent, onRetry }: FailedProps) {
  const part = uploads.flatMap(({ parts }) => parts).find(({ problem }) => problem !== null)
  return (
    <>
      {/* Whoever reads this has logged in again. */}
      {part?.problem && !isLoggedOut(part.problem) && <ProblemAlert problem={part.problem} />}
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
