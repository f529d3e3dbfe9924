import { Button } from '@mantine/core'
import { IconMapPin } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { CopyText } from '@/components/copy-text'
import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'

import { placeQuery } from '../api/get-place'
import type { Place as FilePlace } from '../place'
import classes from './evidence.module.css'
import { Fact, FactList } from './fact-list'

/** Where an image was taken, for who asks, image by image; as text, so that no map service hears of it. */
export function Place({ analysisId }: { analysisId: string }) {
  const [isShown, setShown] = useState(false)
  const { data, error, isFetching, refetch } = useQuery({
    ...placeQuery(analysisId),
    enabled: isShown,
  })
  return (
    <div className={classes.place}>
      <Button
        variant="default"
        leftSection={<IconMapPin size={16} aria-hidden />}
        aria-expanded={isShown}
        loading={isFetching}
        onClick={() => {
          setShown((shown) => !shown)
        }}
      >
        {isShown ? 'Hide place' : 'Show place'}
      </Button>
      <div aria-live="polite" data-testid="place">
        {isShown && data !== undefined && <Words place={data} />}
        {isShown && error && (
          <ProblemAlert problem={problemOf(error)} onRetry={() => void refetch()} />
        )}
      </div>
    </div>
  )
}

function Words({ place }: { place: FilePlace | null }) {
  if (!place) return <p className={classes.quiet}>The file does not say where it was taken.</p>
  return (
    <>
      <FactList>
        {place.coordinates !== null && (
          <Fact name="Place">
            <CopyText label="" text={place.coordinates} />
          </Fact>
        )}
        {place.notes.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </FactList>
      <p className={classes.quiet}>
        As the file says; anybody can write that. It is shown to staff alone.
      </p>
    </>
  )
}
