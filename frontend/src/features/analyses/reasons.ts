import type { Reason } from './api/get-analysis'

type Words = { label: string; advice: string }

/** The reasons the detector knows, in a word or two, and what somebody can do about each. */
const known: Record<string, Words> = {
  no_face: {
    label: 'No face found',
    advice: 'Send an image that shows a face; other pictures must be judged by other means.',
  },
  small_face: {
    label: 'Face too small',
    advice: 'Look for a larger copy. Enlarging this one adds nothing.',
  },
  many_faces: {
    label: 'Many faces',
    advice: 'Cut out the face in question, without enlarging it, and send it alone.',
  },
  heavy_compression: {
    label: 'Heavily compressed',
    advice: 'Look for the original, or for a copy saved at a higher quality.',
  },
  blurred_or_upscaled: {
    label: 'Blurred or enlarged',
    advice: 'Look for the original at its own size.',
  },
  greyscale: { label: 'No colour', advice: 'Look for a copy in colour.' },
  unfamiliar: {
    label: 'Unlike the training faces',
    advice: 'Read what the model was trained on, and ask a second source.',
  },
  unstable: {
    label: 'Answer not stable',
    advice: 'Look for a copy closer to the original; it may get a clear answer.',
  },
  near_limit: {
    label: 'Near the limit',
    advice: 'Decide by other evidence, or look for a copy closer to the original.',
  },
  every_frame: { label: 'Animation', advice: 'The frame that decided is shown here.' },
  some_frames: {
    label: 'Long animation',
    advice: 'Save the frame in question as an image and send it alone.',
  },
  first_frame: {
    label: 'Several pictures',
    advice: 'Save each of the others as an image and send it alone.',
  },
}

/** A reason in a word or two; one that is newer than this page by its code. */
export function reasonLabel({ code }: Reason): string {
  return known[code]?.label ?? sentenceCase(code.replaceAll('_', ' '))
}

/** What somebody can do about it. */
export function reasonAdvice({ code }: Reason): string | null {
  return known[code]?.advice ?? null
}

/** Those that decided: where the verdict is withheld, only what withheld it. */
export function decidingReasons(reasons: readonly Reason[]): readonly Reason[] {
  const withholding = reasons.filter(({ effect }) => effect === 'not_assessed')
  return withholding.length > 0
    ? withholding
    : reasons.filter(({ effect }) => effect === 'inconclusive')
}

/** What makes the score unreliable: everything but that it lies near the limit. */
export function flawsOf(reasons: readonly Reason[]): readonly Reason[] {
  return decidingReasons(reasons).filter(({ code }) => code !== 'near_limit')
}

function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
