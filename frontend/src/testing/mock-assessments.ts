import type { components } from '@/lib/api/schema'

type Schemas = components['schemas']
type Row = Schemas['AnalysisRow']
type Face = Schemas['Face']
type Reason = Schemas['Reason']
type Assessment = Pick<
  Schemas['Analysis'],
  'faces' | 'quality' | 'thresholds' | 'error_rate' | 'bands'
>

const reasons: Record<string, Reason> = {
  no_face: {
    code: 'no_face',
    effect: 'not_assessed',
    message: 'No face was found, and faces are all that this detector knows.',
  },
  small_face: {
    code: 'small_face',
    effect: 'not_assessed',
    message: 'The largest face is under 96 pixels wide in the original image.',
  },
  many_faces: {
    code: 'many_faces',
    effect: 'inconclusive',
    message: 'There are 5 faces or more: one false alarm among them would decide.',
  },
  heavy_compression: {
    code: 'heavy_compression',
    effect: 'inconclusive',
    message: "The JPEG's estimated quality is under 40: the traces looked for do not survive that.",
  },
  near_limit: {
    code: 'near_limit',
    effect: 'inconclusive',
    message: 'The score lies between the limits for a verdict.',
  },
  some_frames: {
    code: 'some_frames',
    effect: 'warning',
    message:
      'The file is an animation. Some of its frames were looked at, and the one most like a fake decides.',
  },
  unstable: {
    code: 'unstable',
    effect: 'inconclusive',
    message: 'The answer changes when the image is saved again or scaled a little.',
  },
}

/** Every so often an image has something that withholds or weakens its verdict; or its score does. */
export function reasonsAt(ordinal: number, fakeProbability: number): Reason[] {
  const codes: Record<number, string[]> = {
    5: ['no_face'],
    11: ['heavy_compression', 'unstable'],
    13: ['many_faces'],
    17: ['small_face'],
    19: ['some_frames'],
  }
  const isBetween = fakeProbability >= 0.25 && fakeProbability < 0.6
  const found = codes[ordinal % 40] ?? []
  const isAssessed = !found.includes('no_face') && !found.includes('small_face')
  return [...found, ...(isBetween && isAssessed ? ['near_limit'] : [])].flatMap(
    (code) => reasons[code] ?? [],
  )
}

/** What the model of the mock measured, as a card has it. */
export const strengthScale = [
  bandOf([0, 0.1], [0.03, 0.012, 0.074], 41, 1370),
  bandOf([0.1, 0.25], [0.14, 0.08, 0.24], 62, 443),
  bandOf([0.25, 0.6], [1.2, 0.71, 2.04], 118, 98),
  bandOf([0.6, 0.8], [5.3, 3.1, 9.1], 149, 28),
  bandOf([0.8, 0.95], [24, 12.6, 45.7], 312, 13),
  bandOf([0.95, 1], [214, 109, 420], 1298, 11),
]
const words = [
  'moderate_camera',
  'weak_camera',
  'inconclusive',
  'weak_synthetic',
  'moderate_synthetic',
  'strong_synthetic',
] as const

function bandOf(
  [from, to]: [number, number],
  [value, low, high]: [number, number, number],
  fakes: number,
  reals: number,
) {
  return {
    score_low: from,
    score_high: to,
    likelihood_ratio: { value, low, high },
    fakes,
    reals,
  }
}

type Support = Pick<Row, 'strength' | 'likelihood_ratio' | 'lean'>

export function supportOf(fakeProbability: number, found: readonly Reason[]): Support {
  if (found.some(({ effect }) => effect === 'not_assessed')) {
    return { strength: null, likelihood_ratio: null, lean: null }
  }
  const leanBy = (isSynthetic: boolean) =>
    found.every(({ effect }) => effect === 'warning') ? null : isSynthetic ? 'synthetic' : 'camera'
  if (found.some(({ code, effect }) => code !== 'near_limit' && effect !== 'warning')) {
    return {
      strength: 'inconclusive',
      likelihood_ratio: null,
      lean: leanBy(fakeProbability >= 0.5),
    }
  }
  const place = strengthScale.findIndex((band) => fakeProbability < band.score_high)
  const ratio = strengthScale[place]?.likelihood_ratio ?? null
  const lean = leanBy((ratio?.value ?? 0) >= 1)
  return { strength: words[place] ?? null, likelihood_ratio: ratio, lean }
}

export function framesAt(ordinal: number): Row['frames'] {
  return ordinal % 40 === 19 ? { count: 240, examined: 16, deciding: 31 } : null
}

export function stabilityAt(ordinal: number): number | null {
  return ordinal % 40 === 11 ? 0.5 : ordinal % 4 === 0 ? 0.75 : null
}

export function assessmentOf(row: Row): Assessment {
  const isDone = row.state === 'done'
  return {
    faces: isDone ? facesOf(row) : [],
    quality: isDone
      ? {
          jpeg_quality: row.reasons.some(({ code }) => code === 'heavy_compression') ? 31 : 84,
          sharpness: 0.62,
          fine_detail: -0.41,
          is_greyscale: false,
          face_px: row.reasons.some(({ code }) => code === 'no_face') ? 0 : 416,
        }
      : null,
    thresholds: isDone ? { real_below: 0.25, fake_from: 0.6 } : null,
    error_rate: isDone
      ? {
          name: 'JPEG quality 70 to 89',
          reals: 1020,
          fakes: 980,
          false_alarms: { value: 0.0088, low: 0.0042, high: 0.0181 },
          misses: { value: 0.0312, low: 0.0218, high: 0.0443 },
          coverage: { value: 0.834, low: 0.817, high: 0.85 },
        }
      : null,
    bands: isDone
      ? {
          false_alarm_limit: 0.01,
          miss_limit: 0.05,
          reals: 1020,
          fakes: 980,
          false_alarm_bound: 0.0098,
          miss_bound: 0.0493,
        }
      : null,
  }
}

function facesOf(row: Row): Face[] {
  const codes = row.reasons.map(({ code }) => code)
  const score = row.fake_probability ?? 0.5
  if (codes.includes('no_face')) return []
  if (codes.includes('many_faces')) {
    return [0, 1, 2, 3, 4].map((place) => ({
      x: 40 + place * 190,
      y: 180 + (place % 2) * 260,
      width: 170,
      height: 190,
      fake_probability: place === 2 ? score : score / (place + 2),
      verdict: 'real',
    }))
  }
  const size = codes.includes('small_face') ? 72 : 416
  const face: Face = {
    x: 512 - size / 2,
    y: row.height * 0.43 - size / 2,
    width: size,
    height: size,
    fake_probability: score,
    verdict: score >= 0.6 ? 'fake' : score < 0.25 ? 'real' : 'inconclusive',
  }
  return [face]
}

const bins = Array.from({ length: 128 }, (_, bin) => bin)
const middle = bins.map((bin) => 6 - 3.4 * Math.log10(1 + bin / 6))

export function evidenceOf(row: Row): Schemas['Evidence'] {
  const isFake = (row.fake_probability ?? 0) >= 0.5
  return {
    metadata: isFake ? {} : { Model: 'Canon EOS 5D Mark IV', Software: 'Adobe Lightroom 6.1' },
    declared_ai: isFake ? { by: 'iptc', detail: 'trainedAlgorithmicMedia' } : null,
    c2pa: isFake
      ? { state: 'signed', signer: 'Example Images Ltd', generator: null }
      : { state: 'none', signer: null, generator: null },
    jpeg: { quality: 84, subsampling: '4:2:0', double_compression: isFake },
    spectrum: {
      profile: middle.map(
        (power, bin) =>
          power + 0.12 * Math.sin(bin * 1.3) + (isFake && bin > 90 ? (bin - 90) / 40 : 0),
      ),
      low: middle.map((power, bin) => power - 0.35 - bin / 300),
      middle,
      high: middle.map((power, bin) => power + 0.35 + bin / 300),
    },
    similar: isFake
      ? [0, 2].map((distance) => ({
          analysis_id: `thousands_${3 + distance * 3}`,
          batch_id: 'thousands',
          filename: `face-${4 + distance * 3}.jpg`,
          distance,
          verdict: 'fake',
          fake_probability: 0.94 - distance / 100,
        }))
      : [],
  }
}
