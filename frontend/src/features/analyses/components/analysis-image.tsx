import { useHotkeys } from '@mantine/hooks'
import { useState } from 'react'

import type { Analysis } from '../api/get-analysis'
import { MapControls } from './map-controls'
import { MappedImage } from './mapped-image'

const usualOpacity = 0.45

/** The image, its map and what governs the map; the settings stay while one steps through results. */
export function AnalysisImage({ analysis }: { analysis: Analysis }) {
  const [opacity, setOpacity] = useState(usualOpacity)
  const [isShown, setShown] = useState(true)

  function toggle() {
    setShown((shown) => !shown)
  }
  useHotkeys([['H', toggle]])

  return (
    <div>
      <MappedImage analysis={analysis} opacity={isShown ? opacity : 0} />
      {analysis.map && (
        <MapControls
          map={analysis.map}
          opacity={opacity}
          isShown={isShown}
          onOpacity={setOpacity}
          onToggle={toggle}
        />
      )}
    </div>
  )
}
