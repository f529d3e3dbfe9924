import { UnstyledButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

import classes from './copy-text.module.css'
import { useCopy } from './use-copy'

type Props = { label: string; text: string; shown?: string }

/** A short code that people pass on: shown, and copied with one press. */
export function CopyText({ label, text, shown = text }: Props) {
  const { outcome, copy } = useCopy(text)
  const Icon = outcome === 'copied' ? IconCheck : IconCopy
  return (
    <UnstyledButton className={classes.button} onClick={copy} title={`Copy: ${text}`}>
      <span className={classes.label}>{label}</span>
      <code className={classes.code}>{shown}</code>
      <Icon size={14} aria-hidden />
      <span className={outcome === 'failed' ? classes.failed : classes.spoken} role="status">
        {outcome === 'copied' && 'Copied'}
        {outcome === 'failed' && 'Not copied: the browser refuses'}
      </span>
    </UnstyledButton>
  )
}
