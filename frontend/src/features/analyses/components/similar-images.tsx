import { Link } from '@tanstack/react-router'

import { VerdictMark } from '@/components/verdict-mark'
import { formatShare } from '@/lib/numbers'
import { verdictLabels } from '@/lib/verdicts'

import type { SimilarImage } from '../api/get-evidence'
import classes from './similar-images.module.css'
import { Thumbnail } from './thumbnail'

/** The same picture or nearly so, seen before; the same score is not a second opinion. */
export function SimilarImages({ images }: { images: readonly SimilarImage[] }) {
  if (images.length === 0) return <p className={classes.none}>None among the images you can see.</p>
  return (
    <ul className={classes.images}>
      {images.map((image) => (
        <li key={image.analysis_id}>
          <Link
            to="/batches/$batchId/analyses/$analysisId"
            params={{ batchId: image.batch_id, analysisId: image.analysis_id }}
            className={classes.image}
          >
            <Thumbnail url={`/api/v1/analyses/${image.analysis_id}/thumbnail`} />
            <span className={classes.name}>{image.filename}</span>
            <span className={classes.outcome}>
              {image.verdict && <VerdictMark verdict={image.verdict} size={14} label="" />}
              {image.verdict ? verdictLabels[image.verdict] : 'No verdict'}
              {isDefinite(image) && `, ${formatShare(image.fake_probability)} fake`}
            </span>
            <span className={classes.distance}>{likeness(image.distance)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** A score beside a verdict that is withheld would be taken for one. */
function isDefinite(image: SimilarImage): image is SimilarImage & { fake_probability: number } {
  const { verdict, fake_probability: fakeProbability } = image
  return (verdict === 'fake' || verdict === 'real') && fakeProbability !== null
}

/** Of the 64 bits that a picture is told by. */
function likeness(distance: number): string {
  return distance === 0 ? 'same picture' : `nearly the same, ${distance} of 64 bits differ`
}
