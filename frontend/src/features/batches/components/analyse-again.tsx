import { Button, Group, Modal, NativeSelect, Radio, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconRepeat } from '@tabler/icons-react'
import { useState } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'
import { formatCount, formatCounted } from '@/lib/numbers'
import { verdictLabels, type Verdict } from '@/lib/verdicts'

import { useAnalyseAgain } from '../api/analyse-again'
import type { Batch } from '../api/get-batch'

type Props = {
  batch: Batch
  /** The verdict that the results are filtered by. */
  verdict: Verdict | null
  versions: readonly { version: string; state: string }[]
  onMade: (batch: Batch) => void
}

/** Asks which model shall judge these images again, and which of them. */
export function AnalyseAgain(props: Props) {
  const [isOpen, dialog] = useDisclosure()
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRepeat size={16} aria-hidden />}
        onClick={dialog.open}
      >
        Analyse again
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="Analyse again with another model">
        <Choice {...props} onClose={dialog.close} />
      </Modal>
    </>
  )
}

function Choice({ batch, verdict, versions, onMade, onClose }: Props & { onClose: () => void }) {
  const again = useAnalyseAgain(batch.id)
  const [version, setVersion] = useState(versions[0]?.version ?? '')
  const [isFiltered, setFiltered] = useState(verdict !== null)
  const isOnlySome = verdict !== null && isFiltered

  function start() {
    again.mutate(
      { model_version: version, verdicts: isOnlySome ? [verdict] : [] },
      {
        onSuccess: (made) => {
          onClose()
          onMade(made)
        },
      },
    )
  }

  return (
    <Stack gap="md">
      <NativeSelect
        label="Model"
        value={version}
        data={versions.map((one) => ({
          value: one.version,
          label: one.state === 'available' ? one.version : `${one.version} (${one.state})`,
        }))}
        onChange={(event) => {
          setVersion(event.currentTarget.value)
        }}
      />
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
            <Radio value="all" label={`All with a result (${formatCount(batch.counts.done)})`} />
          </Stack>
        </Radio.Group>
      )}
      <Text size="sm" c="dimmed">
        {formatCounted(isOnlySome ? batch.verdicts[verdict] : batch.counts.done, 'image')}{' '}
        {'will be judged in a new batch. The results here stay as they are.'}
      </Text>
      {again.error && <ProblemAlert problem={problemOf(again.error)} />}
      <Group justify="end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={again.isPending} onClick={start}>
          Analyse again
        </Button>
      </Group>
    </Stack>
  )
}
