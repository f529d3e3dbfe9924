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
  unstable: {
    code: 'unstable',
    effect: 'inconclusive',
    message: 'The answer changes when the image is saved again or scaled a little.',
  },
}

/** Every so often an image has something that withholds or weakens its verdict. */
export function reasonsAt(ordinal: number): Reason[] {
  const codes: Record<number, string[]> = {
    5: ['no_face'],
    11: ['heavy_compression', 'unstable'],
    13: ['many_faces'],
    17: ['small_face'],
  }
  return (codes[ordinal % 40] ?? []).flatMap((code) => reasons[code] ?? [])
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
