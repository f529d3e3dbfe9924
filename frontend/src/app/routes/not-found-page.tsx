import { Button, Group, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'

import { usePageTitle } from '@/lib/use-page-title'

import classes from './alone.module.css'

/** Stands alone, as the login does: who comes here may not be logged in. */
export function NotFoundPage() {
  usePageTitle('Nothing here')
  return (
    <main className={classes.page}>
      <div className={classes.panel}>
        <Title order={1}>Nothing here</Title>
        <Text mt="xs">
          This address leads nowhere. Nothing was changed, and your batches are safe.
        </Text>
        <Group mt="lg" gap="xs">
          <Button renderRoot={(props) => <Link to="/" {...props} />}>Home</Button>
          <Button variant="default" renderRoot={(props) => <Link to="/batches" {...props} />}>
            All batches
          </Button>
        </Group>
      </div>
    </main>
  )
}
