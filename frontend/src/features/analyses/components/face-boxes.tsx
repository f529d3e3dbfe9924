import { VerdictMark } from '@/components/verdict-mark'
import { formatShare } from '@/lib/numbers'

import type { Analysis } from '../api/get-analysis'
import { areFacesScored, numberFaces, type NumberedFace } from '../faces'
import classes from './face-boxes.module.css'

/** Each face in its box with its own score; a thick line marks the one that decides. */
export function FaceBoxes({
  analysis,
}: {
  analysis: Pick<Analysis, 'faces' | 'width' | 'height' | 'verdict' | 'reasons'>
}) {
  const { faces, width, height } = analysis
  const areScored = areFacesScored(analysis)
  const percent = (part: number, whole: number) => `${(part / whole) * 100}%`
  return (
    <ul className={classes.boxes} aria-label="Faces in the image">
      {numberFaces(faces).map((face) => (
        <li
          key={face.number}
          data-testid="face-box"
          data-deciding={face.isDeciding}
          style={{
            left: percent(face.x, width),
            top: percent(face.y, height),
            width: percent(face.width, width),
            height: percent(face.height, height),
          }}
        >
          {(areScored || faces.length > 1) && (
            <FaceTag face={face} isAlone={faces.length === 1} isScored={areScored} />
          )}
        </li>
      ))}
    </ul>
  )
}

type TagProps = { face: NumberedFace; isAlone: boolean; isScored: boolean }

function FaceTag({ face, isAlone, isScored }: TagProps) {
  return (
    <span className={classes.tag}>
      {isScored && <VerdictMark verdict={face.verdict} size={12} />}
      {!isAlone && <b>#{face.number}</b>}
      {isScored && formatShare(face.fake_probability, 0)}
      {face.isDeciding && !isAlone && <span className={classes.spoken}>decides</span>}
    </span>
  )
}
