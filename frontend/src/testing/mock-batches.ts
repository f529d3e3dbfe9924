import type { components } from '@/lib/api/schema'

import { framesAt, reasonsAt, stabilityAt, supportOf } from './mock-assessments.ts'

type Schemas = components['schemas']
type Row = Schemas['AnalysisRow']
type Origin = Pick<Schemas['Batch'], 'origin' | 'model_version'>

/** A batch that is analysed while one looks, at a steady rate. */
export type MockBatch = {
  id: string
  name: string
  startedAt: number
  names: string[]
  rate: number
  /** Since when nothing more of it is started, and why. */
  held: { state: 'paused' | 'cancelled'; at: number } | null
  exports: Schemas['Export'][]
} & Partial<Origin>

export function mockBatch(
  id: string,
  name: string,
  count: number,
  startedAt: number,
  rate = 300,
): MockBatch {
  const names = Array.from({ length: count }, (_, place) => `face-${place + 1}.jpg`)
  return { id, name, startedAt, names, rate, held: null, exports: [] }
}

export function written(one: Schemas['Export']): Schemas['Export'] {
  return {
    ...one,
    state: 'done',
    rows: 40,
    byte_size: 12_345,
    file_url: `/api/v1/exports/${one.id}/file`,
  }
}

export function rowsOf(batch: MockBatch): Row[] {
  const until = batch.held?.at ?? Date.now()
  const ended = Math.floor(((until - batch.startedAt) / 1000) * batch.rate)
  return batch.names.map((filename, ordinal) => rowOf(batch, filename, ordinal, ended))
}

function rowOf(batch: MockBatch, filename: string, ordinal: number, ended: number): Row {
  const id = `${batch.id}_${ordinal}`
  const isPoison = batch.id === 'paused' && ordinal % 40 === 17
  const isBroken = ordinal % 40 === 7 || isPoison
  const probability = (Math.sin(ordinal * 12.9898) * 43758.5453) % 1
  const fakeProbability = Math.abs(probability) ** 0.5 * (ordinal % 3 === 0 ? 1 : 0.3)
  const isWaiting = ordinal >= ended
  const base = {
    id,
    batch: batch.id,
    ordinal,
    filename,
    width: 1024,
    height: ordinal % 5 === 0 ? 768 : 1024,
    model_version: isWaiting ? '' : 'finetuned-1a2b3c4d',
    image_url: `/api/v1/analyses/${id}/image`,
    thumbnail_url: `/api/v1/analyses/${id}/thumbnail`,
  }
  if (isWaiting || isBroken) {
    return {
      ...base,
      reasons: [],
      strength: null,
      likelihood_ratio: null,
      lean: null,
      stability: null,
      frames: null,
      state: isWaiting
        ? stateOfOpen(batch, ordinal < ended + 64)
        : isPoison
          ? 'quarantined'
          : 'failed',
      verdict: null,
      result: null,
      fake_probability: null,
      confidence: null,
      finished_at: isWaiting ? null : new Date(batch.startedAt).toISOString(),
      error: isWaiting
        ? null
        : {
            code: 'truncated_image',
            detail:
              'The image ends too early: part of the file is missing. Download or copy it again.',
          },
    }
  }
  const reasons = reasonsAt(ordinal, fakeProbability)
  return {
    ...base,
    reasons,
    ...supportOf(fakeProbability, reasons),
    stability: stabilityAt(ordinal),
    frames: framesAt(ordinal),
    state: 'done',
    verdict: weakened(reasons[0]?.effect) ?? verdictOf(fakeProbability),
    result: fakeProbability >= 0.5 ? 'FAKE' : 'REAL',
    fake_probability: fakeProbability,
    confidence: 100 * Math.max(fakeProbability, 1 - fakeProbability),
    finished_at: new Date(batch.startedAt + 60_000).toISOString(),
    error: null,
  }
}

function stateOfOpen({ held }: MockBatch, isNext: boolean): Row['state'] {
  if (held) return held.state
  return isNext ? 'running' : 'waiting'
}

function verdictOf(fakeProbability: number): Schemas['Verdict'] {
  return fakeProbability >= 0.6 ? 'fake' : fakeProbability < 0.25 ? 'real' : 'inconclusive'
}

function weakened(effect?: Schemas['EffectEnum']): Schemas['Verdict'] | null {
  if (!effect || effect === 'warning') return null
  return effect === 'not_assessed' ? 'not_assessed' : 'inconclusive'
}

export function summarise(batch: MockBatch, rows: Row[]): Schemas['Batch'] {
  const inState = (state: Row['state']) => rows.filter((row) => row.state === state).length
  const judged = (verdict: Row['verdict']) => rows.filter((row) => row.verdict === verdict).length
  const left = inState('waiting') + inState('paused') + inState('running')
  const isRunning = left > 0
  return {
    id: batch.id,
    name: batch.name,
    created_at: new Date(batch.startedAt).toISOString(),
    finished_at: isRunning ? null : new Date(batch.startedAt + 60_000).toISOString(),
    state: batch.held?.state ?? (isRunning ? 'running' : 'finished'),
    total: rows.length,
    counts: {
      waiting: inState('waiting'),
      paused: inState('paused'),
      running: inState('running'),
      done: inState('done'),
      failed: inState('failed'),
      quarantined: inState('quarantined'),
      cancelled: inState('cancelled'),
    },
    verdicts: {
      fake: judged('fake'),
      real: judged('real'),
      inconclusive: judged('inconclusive'),
      not_assessed: judged('not_assessed'),
    },
    progress: rows.length === 0 ? 1 : 1 - left / rows.length,
    images_per_second: isRunning ? batch.rate : null,
    seconds_left: isRunning && !batch.held ? left / batch.rate : null,
    queue:
      isRunning && !batch.held
        ? { lane: 'default', place: 2 * inState('waiting'), waiting: 9 * inState('waiting') }
        : null,
    origin: batch.origin ?? null,
    model_version: batch.model_version ?? null,
  }
}
