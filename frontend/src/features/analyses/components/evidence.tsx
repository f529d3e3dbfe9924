import { Button, Kbd, Skeleton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'

import { evidenceQuery } from '../api/get-evidence'
import { EvidencePanels } from './evidence-panels'
import classes from './evidence.module.css'

type Props = {
  analysisId: string
  /** Whether the place of the image may be asked for. */
  mayLocate: boolean
}

/** What speaks for or against an image beside the score; worked out only for who asks, and then for the next image too. */
export function Evidence({ analysisId, mayLocate }: Props) {
  const [isOpen, setOpen] = useState(false)

  function toggle() {
    setOpen((open) => !open)
  }
  useHotkeys([['E', toggle]])

  return (
    <section className={classes.evidence} aria-labelledby="evidence">
      <header className={classes.header}>
        <div>
          <h2 id="evidence">Evidence beside the score</h2>
          <p>Read from the file when you ask. Nothing here changes the verdict.</p>
        </div>
        <Button
          variant="default"
          aria-expanded={isOpen}
          onClick={toggle}
          rightSection={<Kbd size="xs">E</Kbd>}
        >
          {isOpen ? 'Hide evidence' : 'Show evidence'}
        </Button>
      </header>
      {isOpen && <Loaded analysisId={analysisId} mayLocate={mayLocate} />}
    </section>
  )
}

function Loaded({ analysisId, mayLocate }: Props) {
  const evidence = useQuery(evidenceQuery(analysisId))
  if (evidence.data) {
    return <EvidencePanels analysisId={analysisId} evidence={evidence.data} mayLocate={mayLocate} />
  }
  if (evidence.isError) {
    return (
      <ProblemAlert problem={problemOf(evidence.error)} onRetry={() => void evidence.refetch()} />
    )
  }
  return (
    <Skeleton
      height={320}
      radius="lg"
      role="status"
      aria-busy="true"
      aria-label="Loading the evidence"
    />
  )
}
