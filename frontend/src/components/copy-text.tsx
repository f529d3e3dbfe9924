import { CopyButton, UnstyledButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

import classes from './copy-text.module.css'

type Props = { label: string; text: string; shown?: string }

/** A short code that people pass on: shown, and copied with one press. */
export function CopyText({ label, text, shown = text }: Props) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <UnstyledButton className={classes.button} onClick={copy} title={`Copy: ${text}`}>
          <span className={classes.label}>{label}</span>
          <code className={classes.code}>{shown}</code>
          {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          <span className={classes.spoken} role="status">
            {copied ? 'Copied' : ''}
          </span>
        </UnstyledButton>
      )}
    </CopyButton>
  )
}
