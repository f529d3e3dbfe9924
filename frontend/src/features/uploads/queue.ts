import { isLoggedOut, problemOf, type Problem } from '@/lib/api/problem'

import { bytesOf, planRequests } from './plan'
import {
  isForgettable,
  isHeldUp,
  isWorthRetrying,
  rejectedBy,
  type Answer,
  type Part,
  type Upload,
} from './upload'

const requestsAtOnce = 2

/** Sends one request's files: into a batch, or to open a new one where `batchId` is null. */
export type SendImages = (request: {
  batchId: string | null
  name: string
  files: readonly File[]
  idempotencyKey: string
  onProgress: (sentBytes: number) => void
}) => Promise<Answer>

/** Everything on its way to the server, for all pages: two requests at once, one until the batch exists. */
export class UploadQueue {
  #uploads: readonly Upload[] = []
  #lastKey = 0
  readonly #listeners = new Set<() => void>()

  /** `onAnswer` hears of each answer, and whether it opened the batch; `onLoggedOut` that the session is over. */
  constructor(
    private readonly sendImages: SendImages,
    private readonly onAnswer: (answer: Answer, isFirst: boolean) => void,
    private readonly onLoggedOut: () => void = () => undefined,
  ) {}

  start(files: readonly File[], name: string) {
    const parts = planRequests(files).map((request) => toPart(request, ++this.#lastKey))
    const upload = { key: ++this.#lastKey, name, batchId: null, parts, accepted: 0, rejected: [] }
    this.#publish([...this.#uploads, upload])
    this.#advance()
  }

  retryFailed() {
    const queued = (part: Part): Part =>
      part.state === 'failed' ? { ...part, state: 'waiting', problem: null } : part
    this.#publish(this.#uploads.map((upload) => ({ ...upload, parts: upload.parts.map(queued) })))
    this.#advance()
  }

  /** Takes back what has not left yet and forgets what is over. */
  dismiss() {
    const stripped = this.#uploads.map((upload) => ({
      ...upload,
      rejected: [],
      parts: upload.parts.filter(({ state }) => state === 'sending' || state === 'sent'),
    }))
    this.#publish(stripped.filter((upload) => !isForgettable(upload)))
  }

  /** Forgets everything, also what has left and is not answered yet. */
  clear() {
    this.#publish([])
  }

  readonly getUploads = () => this.#uploads

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  #advance() {
    for (const { key } of this.#uploads) {
      for (let part = this.#nextPart(key); part; part = this.#nextPart(key)) {
        void this.#send(key, part)
      }
    }
  }

  #nextPart(key: number): Part | undefined {
    const upload = this.#find(key)
    if (!upload || isHeldUp(upload)) return undefined
    if (upload.batchId === null && upload.parts.some(isSending)) return undefined
    const sending = this.#uploads.flatMap(({ parts }) => parts).filter(isSending)
    if (sending.length >= requestsAtOnce) return undefined
    return upload.parts.find(({ state }) => state === 'waiting')
  }

  async #send(key: number, part: Part) {
    const upload = this.#find(key)
    if (!upload) return
    this.#changePart(key, part.key, { state: 'sending' })
    try {
      const answer = await this.sendImages({
        batchId: upload.batchId,
        name: upload.name,
        files: part.files,
        idempotencyKey: part.idempotencyKey,
        onProgress: (sentBytes) => {
          this.#changePart(key, part.key, { sentBytes: Math.min(sentBytes, part.bytes) })
        },
      })
      this.#settle(key, part, answer)
    } catch (error) {
      this.#fail(key, part, error)
    }
    this.#publish(this.#uploads.filter((one) => !isForgettable(one)))
    this.#advance()
  }

  #settle(key: number, part: Part, answer: Answer) {
    const upload = this.#find(key)
    if (!upload) return
    this.#changePart(key, part.key, { state: 'sent', sentBytes: part.bytes })
    this.#change(key, {
      batchId: answer.batch.id,
      accepted: upload.accepted + answer.accepted.length,
      rejected: [...upload.rejected, ...answer.rejected],
    })
    this.onAnswer(answer, upload.batchId === null)
  }

  #fail(key: number, part: Part, error: unknown) {
    const upload = this.#find(key)
    if (!upload) return
    const problem = problemOf(error)
    if (isWorthRetrying(problem)) {
      this.#changePart(key, part.key, { state: 'failed', sentBytes: 0, problem })
      if (isLoggedOut(problem)) this.#endSession(problem)
      return
    }
    this.#changePart(key, part.key, { state: 'sent', sentBytes: part.bytes })
    this.#change(key, { rejected: [...upload.rejected, ...rejectedBy(problem, part.files)] })
  }

  /** Without a session nothing that still waits would be taken either: it is kept for a retry. */
  #endSession(problem: Problem) {
    const failed = (part: Part): Part =>
      part.state === 'waiting' ? { ...part, state: 'failed', problem } : part
    this.#publish(this.#uploads.map((upload) => ({ ...upload, parts: upload.parts.map(failed) })))
    this.onLoggedOut()
  }

  #find(key: number): Upload | undefined {
    return this.#uploads.find((upload) => upload.key === key)
  }

  #changePart(key: number, partKey: number, changes: Partial<Part>) {
    const parts = this.#find(key)?.parts ?? []
    this.#change(key, {
      parts: parts.map((part) => (part.key === partKey ? { ...part, ...changes } : part)),
    })
  }

  #change(key: number, changes: Partial<Upload>) {
    this.#publish(
      this.#uploads.map((upload) => (upload.key === key ? { ...upload, ...changes } : upload)),
    )
  }

  #publish(uploads: readonly Upload[]) {
    this.#uploads = uploads
    for (const listener of this.#listeners) listener()
  }
}

function toPart(files: readonly File[], key: number): Part {
  return {
    key,
    idempotencyKey: newKey(),
    files,
    bytes: bytesOf(files),
    sentBytes: 0,
    state: 'waiting',
    problem: null,
  }
}

/** Random; `crypto.randomUUID` is only there on pages that came over TLS. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join(
    '-',
  )
}

function isSending({ state }: Part): boolean {
  return state === 'sending'
}
