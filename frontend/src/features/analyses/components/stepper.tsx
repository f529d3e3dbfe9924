import { Button, Kbd, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'

import { formatCount } from '@/lib/numbers'

import type { ResultsView } from '../view'
import classes from './stepper.module.css'
import type { Neighbours } from './use-neighbours'
import type { Steps } from './use-steps'

type Props = {
  batchId: string
  batchName: string
  title: string
  view: ResultsView
  neighbours: Neighbours
  step: Steps
}

/** The way back to the list, the name of what one looks at, and the ways to its neighbours. */
export function Stepper({ batchId, batchName, title, view, neighbours, step }: Props) {
  return (
    <header className={classes.bar}>
      <div className={classes.names}>
        <Link
          to="/batches/$batchId"
          params={{ batchId }}
          search={view}
          className={classes.back}
          activeOptions={{ exact: true }} // or it is told to be the current page
        >
          ← {batchName}
        </Link>
        <Text component="h1" className={classes.title} title={title} aria-live="polite">
          {title}
        </Text>
      </div>
      <div className={classes.steps}>
        {neighbours.place !== null && (
          <Text size="sm" c="dimmed">
            No. {formatCount(neighbours.place)}
          </Text>
        )}
        <Button
          variant="default"
          disabled={neighbours.previous === null}
          onClick={step.previous}
          leftSection={<IconChevronLeft size={16} aria-hidden />}
          rightSection={<Kbd size="xs">←</Kbd>}
        >
          Previous
        </Button>
        <Button
          variant="default"
          disabled={neighbours.next === null}
          onClick={step.next}
          leftSection={<Kbd size="xs">→</Kbd>}
          rightSection={<IconChevronRight size={16} aria-hidden />}
        >
          Next
        </Button>
      </div>
    </header>
  )
}
