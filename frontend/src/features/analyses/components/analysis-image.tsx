import { Button, Kbd } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useState } from 'react'

import type { Analysis } from '../api/get-analysis'
import classes from './analysis-image.module.css'
import { FaceBoxes } from './face-boxes'
import { MapControls } from './map-controls'
import { MappedImage } from './mapped-image'

const usualOpacity = 0.45

/** The image, its map and faces and what governs them; the settings stay while one steps through results. */
export function AnalysisImage({ analysis }: { analysis: Analysis }) {
  const [opacity, setOpacity] = useState(usualOpacity)
  const [isMapShown, setMapShown] = useState(true)
  const [areFacesShown, setFacesShown] = useState(true)
  const hasFaces = analysis.faces.length > 0

  function toggleMap() {
    setMapShown((shown) => !shown)
  }
  function toggleFaces() {
    setFacesShown((shown) => !shown)
  }
  useHotkeys([
    ['H', toggleMap],
    ['F', toggleFaces],
  ])

  const faceToggle = hasFaces && (
    <Button
      variant="default"
      aria-pressed={areFacesShown}
      onClick={toggleFaces}
      rightSection={<Kbd size="xs">F</Kbd>}
    >
      {areFacesShown ? 'Hide faces' : 'Show faces'}
    </Button>
  )
  return (
    <div className={classes.image}>
      <MappedImage analysis={analysis} opacity={isMapShown ? opacity : 0}>
        {hasFaces && areFacesShown && <FaceBoxes analysis={analysis} />}
      </MappedImage>
      {analysis.map ? (
        <MapControls
          map={analysis.map}
          opacity={opacity}
          isShown={isMapShown}
          onOpacity={setOpacity}
          onToggle={toggleMap}
        >
          {faceToggle}
        </MapControls>
      ) : (
        <div className={classes.controls}>{faceToggle}</div>
      )}
    </div>
  )
}
