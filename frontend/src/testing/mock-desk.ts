import { randomUUID } from 'node:crypto'

import type { components } from '@/lib/api/schema'

import { assessmentOf, evidenceOf } from './mock-assessments.ts'
import { mockBatch, rowsOf, summarise, written, type MockBatch } from './mock-batches.ts'
import { MockModels } from './mock-models.ts'

type Schemas = components['schemas']
type Row = Schemas['AnalysisRow']

const place = {
  GPSLatitudeRef: 'N',
  GPSLatitude: '(48.0, 51.0, 29.6)',
  GPSLongitudeRef: 'E',
  GPSLongitude: '(2.0, 17.0, 40.2)',
  GPSDateStamp: '2019:06:01',
}
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

  evidence(id: string, isPlaceAsked: boolean): Schemas['Evidence'] | undefined {
    const row = this.analysis(id)
    const found = row && evidenceOf(row)
    // What has a camera has a place.
    if (!found?.metadata.Model || !isPlaceAsked) return found
    return { ...found, metadata: { ...found.metadata, ...place } }
  }
}

function withEvidence(row: Row, batch: MockBatch): Schemas['Analysis'] {
  const tilt = ((row.fake_probability ?? 0.5) - 0.5) * 6
  const cell = (line: number, column: number) =>
    (tilt * Math.exp(-((line - 4) ** 2 + (column - 3) ** 2) / 6)) / 12 +
    Math.sin(line * 3.1 + column * 1.7) * 0.03
  const places = [0, 1, 2, 3, 4, 5, 6, 7]
  const isDone = row.state === 'done'
  return {
    ...row,
    ...assessmentOf(row),
    batch_name: batch.name,
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    byte_size: 231_412,
    format: 'JPEG',
    map:
      isDone && row.verdict !== 'not_assessed'
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
    original_url: `/api/v1/analyses/${row.id}/original`,
  }
}
