import { NativeSelect, SegmentedControl } from '@mantine/core'
import { IconLayoutGrid, IconList } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'

import { VerdictMark } from '@/components/verdict-mark'
import { formatCount } from '@/lib/numbers'
import { verdictLabels } from '@/lib/verdicts'

import { isState, type Order, type ResultsView, type Show } from '../view'
import classes from './view-bar.module.css'

type Props = {
  view: ResultsView
  counts: Record<Show | 'all', number>
  onChange: (view: ResultsView) => void
}

const chips: readonly { show: Show; label: string }[] = [
  { show: 'fake', label: verdictLabels.fake },
  { show: 'inconclusive', label: verdictLabels.inconclusive },
  { show: 'real', label: verdictLabels.real },
  { show: 'not_assessed', label: verdictLabels.not_assessed },
  { show: 'failed', label: 'Failed' },
  { show: 'quarantined', label: 'Quarantined' },
  { show: 'cancelled', label: 'Cancelled' },
]
/** Rare outcomes get a chip only when there is one. */
const alwaysShown: readonly Show[] = ['fake', 'inconclusive', 'real', 'failed']

/** Which results, in which order, side by side or line by line. */
export function ViewBar({ view, counts, onChange }: Props) {
  const { show, order, layout } = view
  const rest = { ...(order && { order }), ...(layout && { layout }) }
  return (
    <div className={classes.bar}>
      <div className={classes.chips} role="group" aria-label="Show">
        <Chip
          isOn={show === undefined}
          onClick={() => {
            onChange(rest)
          }}
        >
          All <b>{formatCount(counts.all)}</b>
        </Chip>
        {chips
          .filter((chip) => alwaysShown.includes(chip.show) || counts[chip.show] > 0)
          .map((chip) => (
            <Chip
              key={chip.show}
              isOn={show === chip.show}
              onClick={() => {
                onChange({ ...rest, show: chip.show })
              }}
            >
              <ChipMark show={chip.show} />
              {chip.label} <b>{formatCount(counts[chip.show])}</b>
            </Chip>
          ))}
      </div>
      <Arrangement view={view} onChange={onChange} />
    </div>
  )
}

function Arrangement({ view, onChange }: Pick<Props, 'view' | 'onChange'>) {
  const { order, layout, ...filter } = view
  return (
    <div className={classes.arrangement}>
      <NativeSelect
        aria-label="Order"
        value={order ?? ''}
        data={[
          { value: '', label: 'In the order sent' },
          { value: 'most-fake', label: 'Most fake first' },
          { value: 'least-fake', label: 'Least fake first' },
        ]}
        onChange={(event) => {
          const chosen = event.currentTarget.value as Order | ''
          onChange({ ...filter, ...(chosen && { order: chosen }), ...(layout && { layout }) })
        }}
      />
      <SegmentedControl
        aria-label="Layout"
        value={layout ?? 'grid'}
        data={[
          { value: 'grid', label: <IconLayoutGrid size={18} aria-label="Grid" /> },
          { value: 'table', label: <IconList size={18} aria-label="Table" /> },
        ]}
        onChange={(chosen) => {
          onChange({
            ...filter,
            ...(order && { order }),
            ...(chosen === 'table' && { layout: 'table' as const }),
          })
        }}
      />
    </div>
  )
}

function ChipMark({ show }: { show: Show }) {
  const mark = isState(show) ? null : show
  return mark && <VerdictMark verdict={mark} size={12} label="" />
}

type ChipProps = { isOn: boolean; onClick: () => void; children: React.ReactNode }

function Chip({ isOn, onClick, children }: ChipProps) {
  const button = useRef<HTMLButtonElement>(null)
  // On a narrow screen the row is longer than the screen: what is chosen is swiped into sight.
  useEffect(() => {
    const chip = button.current
    const row = chip?.parentElement
    if (!isOn || !row) return
    row.scrollLeft = chip.offsetLeft - row.offsetLeft - (row.clientWidth - chip.offsetWidth) / 2
  }, [isOn])
  return (
    <button
      ref={button}
      type="button"
      className={classes.chip}
      aria-pressed={isOn}
      onClick={onClick}
    >
      {children}
    </button>
  )
}
