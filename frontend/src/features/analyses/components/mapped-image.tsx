import { IconPhotoOff } from '@tabler/icons-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'

import type { Analysis } from '../api/get-analysis'
import { paintCells } from '../draw-map'
import type { EvidenceMap } from '../evidence-map'
import classes from './mapped-image.module.css'

type Shown = Pick<Analysis, 'map' | 'image_url' | 'filename' | 'width' | 'height'>

type Props = { analysis: Shown; opacity: number; children?: ReactNode }

/** The image as large as there is room, with the map laid over it, and what else is. */
export function MappedImage({ analysis, opacity, children }: Props) {
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
      {map && <MapCanvas map={map} opacity={opacity} style={placeIn(analysis, map)} />}
      {children}
    </div>
  )
}

type Place = Pick<React.CSSProperties, 'left' | 'top' | 'width' | 'height'>

/** Over the part of the image that the model saw. */
function placeIn(image: Pick<Analysis, 'width' | 'height'>, map: EvidenceMap): Place {
  const percent = (part: number, whole: number) => `${(part / whole) * 100}%`
  return {
    left: percent(map.x, image.width),
    top: percent(map.y, image.height),
    width: percent(map.width, image.width),
    height: percent(map.height, image.height),
  }
}

type CanvasProps = { map: EvidenceMap; opacity: number; style: Place }

function MapCanvas({ map, opacity, style }: CanvasProps) {
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
      style={{ ...style, opacity }}
      aria-hidden
      data-testid="map-canvas"
    />
  )
}
