import { Text, Title } from '@mantine/core'

import classes from './alone.module.css'

/** While nobody knows yet who is here: the server is slow, or far away. */
export function PendingPage() {
  return (
    <main className={classes.page}>
      <div className={classes.bare}>
        <Title order={1}>Assay</Title>
        <Text c="dimmed" role="status">
          Asking the server…
        </Text>
      </div>
    </main>
  )
}
