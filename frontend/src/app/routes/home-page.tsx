import { Anchor, Group, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { batchesQuery } from '@/features/batches/api/list-batches'
import { BatchList } from '@/features/batches/components/batch-list'
import { DropZone } from '@/features/uploads/components/drop-zone'
import { StagedFiles } from '@/features/uploads/components/staged-files'
import { useStaged, useUploadQueue } from '@/features/uploads/uploads-context'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './page.module.css'

const recentCount = 5

export function HomePage() {
  const staged = useStaged()
  const queue = useUploadQueue()
  const [isCleared, setCleared] = useState(false)
  usePageTitle()

  function clear() {
    staged.clear()
    setCleared(true)
  }

  function detect(name: string) {
    queue.start(staged.files, name)
    clear()
  }

  return (
    <div className={`${classes.narrow ?? ''} ${classes.belowBar ?? ''}`}>
      {staged.files.length > 0 ? (
        <StagedFiles
          files={staged.files}
          name={staged.name}
          onName={staged.setName}
          onDetect={detect}
          onClear={clear}
        />
      ) : (
        <DropZone onFiles={staged.add} takesFocus={isCleared} />
      )}
      <RecentBatches />
    </div>
  )
}

/** Absent until there is something: a first visit sees no empty table, and an error shows on the list's own page. */
function RecentBatches() {
  const { data: batches = [] } = useInfiniteQuery(batchesQuery)
  if (batches.length === 0) return null
  return (
    <section className={classes.section}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>Recent batches</Title>
        {batches.length > recentCount && (
          <Anchor component={Link} to="/batches" size="sm">
            All batches
          </Anchor>
        )}
      </Group>
      <BatchList batches={batches.slice(0, recentCount)} />
    </section>
  )
}
