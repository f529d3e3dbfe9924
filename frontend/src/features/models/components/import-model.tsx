import { Button, Progress, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'
import { formatShare } from '@/lib/numbers'

import { useImportModel } from '../api/import-model'
import classes from './import-model.module.css'

/** Takes a bundle in as a ZIP; it judges nothing before somebody activates it. */
export function ImportModel() {
  const input = useRef<HTMLInputElement>(null)
  const [sentShare, setSentShare] = useState(0)
  const bundle = useImportModel(setSentShare)

  function send(file: File | undefined) {
    if (!file) return
    setSentShare(0)
    bundle.mutate(file)
  }

  return (
    <div className={classes.import}>
      <Button
        variant="default"
        leftSection={<IconUpload size={16} aria-hidden />}
        disabled={bundle.isPending}
        onClick={() => input.current?.click()}
      >
        Import a model
      </Button>
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        aria-label="ZIP with a model"
        hidden
        onChange={(event) => {
          send(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }}
      />
      <Text size="sm" c="dimmed">
        A ZIP with a card.json and its files. It is checked, never run, and judges nothing before it
        is activated.
      </Text>
      {bundle.isPending && (
        <div className={classes.progress} role="status">
          <Progress value={sentShare * 100} size="sm" aria-label="Sent" />
          <Text size="sm">
            {sentShare < 1 ? `${formatShare(sentShare, 0)} sent` : 'Checking each file'}
          </Text>
        </div>
      )}
      {bundle.data && (
        <Text className={classes.wide ?? ''} role="status">
          <Link to="/models/$version" params={{ version: bundle.data.version }}>
            {bundle.data.version}
          </Link>{' '}
          is imported and waits to be activated.
        </Text>
      )}
      {bundle.error && (
        <div className={classes.wide}>
          <ProblemAlert problem={problemOf(bundle.error)} />
        </div>
      )}
    </div>
  )
}
