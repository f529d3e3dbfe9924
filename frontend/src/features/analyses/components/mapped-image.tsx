import { IconPhotoOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'

import type { Analysis } from '../api/get-analysis'
import { paintCells } from '../draw-map'
import type { EvidenceMap } from '../evidence-map'
import classes from './mapped-image.module.css'

type Props = { analysis: Analysis; opacity: number }

/** The image as large as there is room, with the map laid over it. */
export function MappedImage({ analysis, opacity }: Props) {
  const { map, image_url: url, filename, width, height } = analysis
  const [brokenUrl, setBrokenUrl] = useState<string>()
  return (
    <div className={classes.frame} style={{ '--ratio': width / height } as React.CSSProperties}>
      {brokenUrl === url ? (
        <p className={classes.broken}>
          <IconPhotoOff size={40} stroke={1.2} aria-hidden />
          This file cannot be shown as an image.
        </p>
      ) : (
        <img
          key={url}
          src={url}
          alt={filename}
          width={width}
          height={height}
          onError={() => {
            setBrokenUrl(url)
          }}
        />
      )}
      {map && <MapCanvas map={map} opacity={opacity} />}
    </div>
  )
}

function MapCanvas({ map, opacity }: { map: EvidenceMap; opacity: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    context?.putImageData(new ImageData(paintCells(map), map.columns, map.rows), 0, 0)
  }, [map])
  return (
    <canvas
      ref={canvas}
      className={classes.map}
      width={map.columns}
      height={map.rows}
      style={{ opacity }}
      aria-hidden
      data-testid="map-canvas"
    />
  )
}
