import { ActionIcon, Code, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

import classes from './code-example.module.css'

/** Code to carry away. */
export function CodeExample({ code }: { code: string }) {
  return (
    <div className={classes.frame}>
      <Code block className={classes.code ?? ''}>
        {code}
      </Code>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <ActionIcon
            className={classes.copy ?? ''}
            variant="default"
            aria-label={copied ? 'Copied' : 'Copy the code'}
            onClick={copy}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}
