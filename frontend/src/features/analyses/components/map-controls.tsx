import { Button, Kbd, Slider } from '@mantine/core'
import type { ReactNode } from 'react'

import { formatShare, formatSigned } from '@/lib/numbers'

import { describeMap, fullColour, type EvidenceMap } from '../evidence-map'
import classes from './map-controls.module.css'

type Props = {
  map: EvidenceMap
  opacity: number
  isShown: boolean
  onOpacity: (opacity: number) => void
  onToggle: () => void
  /** What else is laid over the image, and taken off beside the map. */
  children?: ReactNode
}

/** What the colours over the image mean, how strong they are, and the way to take them off. */
export function MapControls({ map, opacity, isShown, onOpacity, onToggle, children }: Props) {
  return (
    <div className={classes.controls}>
      <p className={classes.title}>Regions that moved the score, on one scale for all images</p>
      <MapLegend map={map} />
      <div className={classes.settings}>
        {children}
        <Button
          variant="default"
          aria-pressed={isShown}
          onClick={onToggle}
          rightSection={<Kbd size="xs">H</Kbd>}
        >
          {isShown ? 'Hide map' : 'Show map'}
        </Button>
        <Slider
          className={classes.slider}
          value={Math.round(opacity * 100)}
          onChange={(percent) => {
            onOpacity(percent / 100)
          }}
          disabled={!isShown}
          thumbLabel="Opacity of the map"
          label={(percent) => formatShare(percent / 100, 0)}
          size="sm"
          thumbSize={20}
        />
      </div>
      <p className={classes.sentence}>{describeMap(map)}</p>
    </div>
  )
}

function MapLegend({ map }: { map: EvidenceMap }) {
  const full = fullColour(map)
  return (
    <div className={classes.legend} aria-hidden>
      <span>towards real</span>
      <div>
        <div className={classes.scale} />
        <div className={classes.numbers}>
          <span>{formatSigned(-full)}</span>
          <span>logits a cell</span>
          <span>{formatSigned(full)}</span>
        </div>
      </div>
      <span>towards fake</span>
    </div>
  )
}
