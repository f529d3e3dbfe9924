import { randomUUID } from 'node:crypto'

import type { components } from '@/lib/api/schema'

import { assessmentOf, evidenceOf, reasonsAt, stabilityAt } from './mock-assessments.ts'
import { MockModels } from './mock-models.ts'

type Schemas = components['schemas']
type Row = Schemas['AnalysisRow']
type Origin = Pick<Schemas['Batch'], 'origin' | 'model_version'>

/** A batch that is analysed while one looks, at a steady rate. */
type MockBatch = {
  id: string
  name: string
  startedAt: number
  names: string[]
  rate: number
  /** Since when nothing more of it is started, and why. */
  held: { state: 'paused' | 'cancelled'; at: number } | null
  exports: Schemas['Export'][]
} & Partial<Origin>

const now = Date.now()
const hour = 3_600_000

/** A small pretence of the server's state: enough to look at every screen without one. */
export class MockDesk {
  user: Schemas['User'] | null = { username: 'maria', is_staff: true }
  tokens: Schemas['Token'][] = []
  models = new MockModels()
  #batches: MockBatch[]

  constructor(isEmpty: boolean) {
    const long = `${'a-very-long-name-that-somebody-gave-a-file-'.repeat(5)}.jpeg`
    this.#batches = isEmpty
      ? []
      : [
          mockBatch('running', 'Nov intake', 5000, now, 60),
          {
            ...mockBatch('paused', 'Election week', 400, now - hour, 1),
            held: { state: 'paused', at: now - hour + 120_000 },
          },
          mockBatch('thousands', 'Press archive 2019', 5000, now - 2 * hour),
          mockBatch('forty', 'Forty faces', 40, now - 30 * hour),
          { ...mockBatch('one', long, 1, now - 70 * hour), names: [long] },
        ]
  }

  open(name: string, names: string[]): string {
    const id = randomUUID()
    this.#batches = [
      { ...mockBatch(id, name || 'Untitled', 0, Date.now(), 30), names },
      ...this.#batches,
    ]
    return id
  }

  append(id: string, names: string[]) {
    this.#batches = this.#batches.map((batch) =>
      batch.id === id ? { ...batch, names: [...batch.names, ...names] } : batch,
    )
  }

  repeat(
    id: string,
    { model_version, verdicts = [] }: Schemas['ReanalysisRequest'],
  ): Schemas['Batch'] | undefined {
    const chosen = this.rows(id).filter(
      ({ verdict }) => verdict && (verdicts.length === 0 || verdicts.includes(verdict)),
    )
    const name = `${this.batch(id)?.name ?? ''}, again with ${model_version}`
    const made = this.open(
      name,
      chosen.map(({ filename }) => filename),
    )
    this.#batches = this.#batches.map((batch) =>
      batch.id === made ? { ...batch, origin: id, model_version } : batch,
    )
    return this.batch(made)
  }

  /** Keeps a batch from going on, or lets it. */
  hold(id: string, state?: 'paused' | 'cancelled') {
    const at = Date.now()
    this.#change(id, (batch) =>
      state
        ? { ...batch, held: { state, at: batch.held?.at ?? at } }
        : { ...batch, held: null, startedAt: at },
    )
    return this.batch(id)
  }

  delete(id: string): Schemas['Deletion'] | undefined {
    const batch = this.batch(id)
    this.#batches = this.#batches.filter((one) => one.id !== id)
    return (
      batch && {
        id: randomUUID(),
        batch: id,
        deleted_by: this.user?.username ?? null,
        deleted_at: new Date().toISOString(),
        batch_created_at: batch.created_at,
        analyses: batch.total,
        files: batch.total,
        byte_size: batch.total * 231_412,
        digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      }
    )
  }

  /** A file that is written when it is looked for the next time. */
  export(id: string, { format, verdict }: Schemas['ExportRequestRequest']): Schemas['Export'] {
    const made: Schemas['Export'] = {
      id: randomUUID(),
      batch: id,
      format,
      verdict: verdict ?? null,
      analysis_state: null,
      state: 'waiting',
      rows: 0,
      byte_size: 0,
      error: null,
      file_url: null,
      created_at: new Date().toISOString(),
      finished_at: null,
      expires_at: new Date(Date.now() + 168 * hour).toISOString(),
    }
    this.#change(id, (batch) => ({ ...batch, exports: [made, ...batch.exports] }))
    return made
  }

  exports(id: string): Schemas['Export'][] {
    const found = this.#batches.find((batch) => batch.id === id)?.exports ?? []
    this.#change(id, (batch) => ({ ...batch, exports: batch.exports.map(written) }))
    return found
  }

  #change(id: string, change: (batch: MockBatch) => MockBatch) {
    this.#batches = this.#batches.map((batch) => (batch.id === id ? change(batch) : batch))
  }

  comparison(id: string): Schemas['Comparison'] {
    const { total = 0 } = this.batch(id) ?? {}
    return {
      same: total - 3,
      changed: 3,
      changes: [
        { before: 'fake', after: 'inconclusive', count: 2 },
        { before: 'real', after: 'fake', count: 1 },
      ],
    }
  }

  batches(): Schemas['Batch'][] {
    return this.#batches.map((batch) => summarise(batch, rowsOf(batch)))
  }

  batch(id: string): Schemas['Batch'] | undefined {
    return this.batches().find((batch) => batch.id === id)
  }

  rows(batchId: string): Row[] {
    return this.#batches.filter(({ id }) => id === batchId).flatMap(rowsOf)
  }

  analysis(id: string): Schemas['Analysis'] | undefined {
    const batch = this.#batches.find((one) => id.startsWith(`${one.id}_`))
    const row = batch && rowsOf(batch).find((one) => one.id === id)
    return batch && row && withEvidence(row, batch)
  }

  evidence(id: string): Schemas['Evidence'] | undefined {
    const row = this.analysis(id)
    return row && evidenceOf(row)
  }
}

function mockBatch(
  id: string,
  name: string,
  count: number,
  startedAt: number,
  rate = 300,
): MockBatch {
  const names = Array.from({ length: count }, (_, place) => `face-${place + 1}.jpg`)
  return { id, name, startedAt, names, rate, held: null, exports: [] }
}

function written(one: Schemas['Export']): Schemas['Export'] {
  return {
    ...one,
    state: 'done',
    rows: 40,
    byte_size: 12_345,
    file_url: `/api/v1/exports/${one.id}/file`,
  }
}

function rowsOf(batch: MockBatch): Row[] {
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
      stability: null,
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
  const reasons = reasonsAt(ordinal)
  return {
    ...base,
    reasons,
    stability: stabilityAt(ordinal),
    state: 'done',
    verdict: reasons[0] ? weakened(reasons[0].effect) : verdictOf(fakeProbability),
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

function weakened(effect: Schemas['EffectEnum']): Schemas['Verdict'] {
  return effect === 'not_assessed' ? 'not_assessed' : 'inconclusive'
}

function summarise(batch: MockBatch, rows: Row[]): Schemas['Batch'] {
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

function withEvidence(row: Row, batch: MockBatch): Schemas['Analysis'] {
  const tilt = ((row.fake_probability ?? 0.5) - 0.5) * 6
  const cell = (line: number, column: number) =>
    (tilt * Math.exp(-((line - 4) ** 2 + (column - 3) ** 2) / 6)) / 4 +
    Math.sin(line * 3.1 + column * 1.7) * 0.06
  const places = [0, 1, 2, 3, 4, 5, 6, 7]
  const isDone = row.state === 'done'
  return {
    ...row,
    ...assessmentOf(row),
    batch_name: batch.name,
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    byte_size: 231_412,
    format: 'JPEG',
    map: isDone
      ? {
          rows: 8,
          columns: 8,
          values: places.map((line) => places.map((one) => cell(line, one))),
          x: 0,
          y: 0,
          width: row.width,
          height: row.height,
        }
      : null,
    engine: isDone ? 'litert-int8' : '',
    attempts: isDone ? 1 : 0,
    created_at: new Date(batch.startedAt).toISOString(),
    started_at: row.finished_at,
    timings: isDone ? { decode_ms: 8.4, forward_ms: 3.1, waited_ms: 412 } : null,
    origin: batch.origin ? `${batch.origin}_${row.ordinal}` : null,
    repeats: [],
  }
}
