import { ActionIcon, Code } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react'

import classes from './code-example.module.css'
import { useCopy } from './use-copy'

const words = { copied: 'Copied', failed: 'Not copied: select the code instead' }
const icons = { copied: IconCheck, failed: IconAlertTriangle }

/** Code to carry away. */
export function CodeExample({ code }: { code: string }) {
  const { outcome, copy } = useCopy(code)
  const label = outcome ? words[outcome] : 'Copy the code'
  const Icon = outcome ? icons[outcome] : IconCopy
  return (
    <div className={classes.frame}>
      <Code block className={classes.code ?? ''}>
        {code}
      </Code>
      <ActionIcon
        className={classes.copy ?? ''}
        variant="default"
        aria-label={label}
        title={label}
        onClick={copy}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}
