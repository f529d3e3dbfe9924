import type { Problem } from '@/lib/api/problem'
import type { components } from '@/lib/api/schema'

export type Answer = components['schemas']['UploadAnswer']
export type Rejected = components['schemas']['RejectedFile']

/** One request of an upload, from its turn in the queue to its answer. */
export type Part = {
  key: number
  /** Says to the server that a request sent again is the same one. */
  idempotencyKey: string
  files: readonly File[]
  bytes: number
  sentBytes: number
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  problem: Problem | null
}

/** What somebody dropped in one go, and how far it has come. */
export type Upload = {
  key: number
  name: string
  batchId: string | null
  parts: readonly Part[]
  accepted: number
  rejected: readonly Rejected[]
}

/** An upload in figures; files are counted by the state of the request they travel in. */
export type Tally = {
  files: number
  sending: number
  queued: number
  failed: number
  progress: number
}

/** Over all uploads of this window. */
export function tally(uploads: readonly Upload[]): Tally {
  const parts = uploads.flatMap((upload) => upload.parts)
  const filesIn = (state: Part['state']) =>
    parts.filter((part) => part.state === state).reduce((sum, part) => sum + part.files.length, 0)
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const sentBytes = parts.reduce((sum, part) => sum + part.sentBytes, 0)
  return {
    files: parts.reduce((sum, part) => sum + part.files.length, 0),
    sending: filesIn('sending'),
    queued: filesIn('waiting'),
    failed: filesIn('failed'),
    progress: bytes === 0 ? 1 : sentBytes / bytes,
  }
}

export function isUnderWay(upload: Upload): boolean {
  if (upload.parts.some(({ state }) => state === 'sending')) return true
  return upload.parts.some(({ state }) => state === 'waiting') && !isHeldUp(upload)
}

/** Without a batch there is nowhere to send the rest, so the first failure holds everything up. */
export function isHeldUp({ batchId, parts }: Upload): boolean {
  return batchId === null && parts.some(({ state }) => state === 'failed')
}

/** Over, with nothing left that a person should read. */
export function isForgettable(upload: Upload): boolean {
  return upload.rejected.length === 0 && upload.parts.every(({ state }) => state === 'sent')
}

/** A dropped line, a busy server or an ended session can pass; a refusal stays one. */
export function isWorthRetrying({ status }: Problem): boolean {
  return status === 0 || status >= 500 || [401, 403, 408, 429].includes(status)
}

/** Why each file of a refused request was refused: per file where the server says so. */
export function rejectedBy(problem: Problem, files: readonly File[]): Rejected[] {
  const { rejected, code, detail } = problem
  return rejected ?? files.map(({ name }) => ({ filename: name, code, detail }))
}
