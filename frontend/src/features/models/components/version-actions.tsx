import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'

import { Confirm } from '@/components/confirm'

import { useActivateModel } from '../api/activate-model'
import type { ModelVersion } from '../api/list-models'
import { useRollBack } from '../api/roll-back'
import { useStartShadow } from '../api/start-shadow'
import { useStopShadow } from '../api/stop-shadow'

type Props = {
  model: Pick<ModelVersion, 'version' | 'state'>
  /** The versions at work, each by its name. */
  active: string
  shadow: string | null
}

/** What staff may have a version do. */
export function VersionActions({ model: { version, state }, active, shadow }: Props) {
  const activate = useActivateModel()
  const startShadow = useStartShadow()
  const stopShadow = useStopShadow()
  if (state === 'active') return null
  return (
    <Group gap="xs">
      <Act
        label="Activate"
        title={`Let ${version} judge?`}
        deed={activate}
        onConfirm={(options) => {
          activate.mutate(version, options)
        }}
      >
        <Changeover from={active} to={version} />
        {state === 'shadow' && ' It is then no longer the shadow.'}
      </Act>
      {state === 'shadow' ? (
        <Act
          label="Stop the shadow"
          title={`Have ${version} score no longer?`}
          deed={stopShadow}
          onConfirm={(options) => {
            stopShadow.mutate(version, options)
          }}
        >
          New images are scored by {active} alone, and sooner. The scores so far stay.
        </Act>
      ) : (
        <Act
          label="Run as a shadow"
          title={`Have ${version} look on?`}
          deed={startShadow}
          onConfirm={(options) => {
            startShadow.mutate(version, options)
          }}
        >
          It scores each new image beside {active}, so each takes about twice as long. Its scores
          are kept and compared here; no result shows them.
          {shadow !== null && ` ${shadow} is then no longer the shadow.`}
        </Act>
      )}
    </Group>
  )
}

/** Lets the version before judge again. */
export function RollBack({ active, target }: { active: string; target: string }) {
  const rollBack = useRollBack()
  return (
    <Act
      label="Roll back"
      title={`Let ${target} judge again?`}
      deed={rollBack}
      onConfirm={(options) => {
        rollBack.mutate(undefined, options)
      }}
    >
      <Changeover from={active} to={target} />
    </Act>
  )
}

function Changeover({ from, to }: { from: string; to: string }) {
  return (
    <>
      Images not judged yet are judged by {to}, no longer by {from}: workers change over within
      seconds, nothing is restarted. Results so far stay as they are.
    </>
  )
}

type ActProps = {
  label: string
  title: string
  deed: { isPending: boolean; error: Error | null; reset: () => void }
  onConfirm: (options: { onSuccess: () => void }) => void
  children: ReactNode
}

/** A button that asks before it does. */
function Act({ label, title, deed, onConfirm, children }: ActProps) {
  const [isAsking, asking] = useDisclosure(false, { onOpen: deed.reset })
  return (
    <>
      <Button variant="default" onClick={asking.open}>
        {label}
      </Button>
      <Confirm
        isOpen={isAsking}
        title={title}
        action={label}
        isPending={deed.isPending}
        error={deed.error}
        onConfirm={() => {
          onConfirm({ onSuccess: asking.close })
        }}
        onClose={asking.close}
      >
        {children}
      </Confirm>
    </>
  )
}
