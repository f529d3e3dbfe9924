import { VerdictMark } from '@/components/verdict-mark'
import { formatShare } from '@/lib/numbers'

import type { Analysis } from '../api/get-analysis'
import { areFacesScored, numberFaces } from '../faces'
import classes from './face-list.module.css'

/** The faces of an image with several; the most suspicious one speaks for all. */
export function FaceList({
  analysis,
}: {
  analysis: Pick<Analysis, 'faces' | 'verdict' | 'reasons'>
}) {
  const { faces } = analysis
  const areScored = areFacesScored(analysis)
  return (
    <section aria-labelledby="faces">
      <h2 id="faces" className={classes.title}>
        {faces.length} faces, the highest score decides
      </h2>
      <ol className={classes.faces}>
        {numberFaces(faces).map((face) => (
          <li key={face.number} data-testid="face" data-deciding={face.isDeciding}>
            {areScored && <VerdictMark verdict={face.verdict} size={14} />}
            <span>Face {face.number}</span>
            {areScored && (
              <span className={classes.score}>{formatShare(face.fake_probability)} fake</span>
            )}
            {face.isDeciding && <b>decides</b>}
          </li>
        ))}
      </ol>
    </section>
  )
}
