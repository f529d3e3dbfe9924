import { Anchor, Button, Group, Modal, Radio, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { TimeAgo } from '@/components/time-ago'
import { problemOf } from '@/lib/api/problem'
import { formatBytes, formatCount, formatCounted } from '@/lib/numbers'
import { verdictLabels, type Verdict } from '@/lib/verdicts'

import { useCreateExport } from '../api/create-export'
import type { Batch } from '../api/get-batch'
import { exportsQuery, isBeingWritten, type Export } from '../api/list-exports'
import classes from './export-results.module.css'

type Props = {
  batch: Batch
  /** The verdict that the results are filtered by. */
  verdict: Verdict | null
}

const formats = [
  { value: 'csv', label: 'CSV, for spreadsheets' },
  { value: 'jsonl', label: 'JSON lines, for programs' },
  { value: 'parquet', label: 'Parquet, for data frames' },
] as const

const formatNames: Record<Export['format'], string> = {
  csv: 'CSV',
  jsonl: 'JSON lines',
  parquet: 'Parquet',
}

/** Asks for the results as a file, and keeps the files at hand that were asked for before. */
export function ExportResults(props: Props) {
  const [isOpen, dialog] = useDisclosure()
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={dialog.open}
      >
        Export
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="Export the results">
        <Choice {...props} />
        <Files batchId={props.batch.id} />
      </Modal>
    </>
  )
}

function Choice({ batch, verdict }: Props) {
  const create = useCreateExport(batch.id)
  const [format, setFormat] = useState<Export['format']>('csv')
  const [isFiltered, setFiltered] = useState(verdict !== null)
  const isOnlySome = verdict !== null && isFiltered
  return (
    <Stack gap="md">
      <Radio.Group
        label="Format"
        value={format}
        onChange={(chosen) => {
          setFormat(formats.find(({ value }) => value === chosen)?.value ?? 'csv')
        }}
      >
        <Stack gap="xs" mt={4}>
          {formats.map((one) => (
            <Radio key={one.value} {...one} />
          ))}
        </Stack>
      </Radio.Group>
      {verdict !== null && (
        <Radio.Group
          label="Images"
          value={isFiltered ? 'some' : 'all'}
          onChange={(chosen) => {
            setFiltered(chosen === 'some')
          }}
        >
          <Stack gap="xs" mt={4}>
            <Radio
              value="some"
              label={`Only ${verdictLabels[verdict].toLowerCase()} (${formatCount(batch.verdicts[verdict])})`}
            />
            <Radio value="all" label={`All (${formatCount(batch.total)})`} />
          </Stack>
        </Radio.Group>
      )}
      {create.error && <ProblemAlert problem={problemOf(create.error)} />}
      <Group justify="end">
        <Button
          loading={create.isPending}
          onClick={() => {
            create.mutate({ format, ...(isOnlySome && { verdict }) })
          }}
        >
          Write the file
        </Button>
      </Group>
    </Stack>
  )
}

function Files({ batchId }: { batchId: string }) {
  const { data, error, refetch } = useQuery(exportsQuery(batchId))
  if (error) return <ProblemAlert problem={problemOf(error)} onRetry={() => void refetch()} />
  if (!data) return <Skeleton height={32} mt="md" />
  if (data.length === 0) return null
  return (
    <section className={classes.files} aria-label="Files">
      <Text size="sm" c="dimmed">
        Files are written in the background and kept for some days: this can be closed.
      </Text>
      <ul>
        {data.map((one) => (
          <li key={one.id}>
            <span>
              {formatNames[one.format]}
              {one.verdict && `, only ${verdictLabels[one.verdict].toLowerCase()}`}
            </span>
            <File one={one} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function File({ one }: { one: Export }) {
  if (isBeingWritten(one)) return <span role="status">being written</span>
  if (one.file_url === null) return <span>{one.error?.detail ?? 'It could not be written.'}</span>
  return (
    <span className={classes.done}>
      <span>
        {formatCounted(one.rows, 'row')}, <TimeAgo moment={one.created_at} />
      </span>
      <Anchor href={one.file_url} download fz="inherit">
        Download {formatBytes(one.byte_size)}
      </Anchor>
    </span>
  )
}
