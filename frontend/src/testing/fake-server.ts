import type { SendImages } from '@/features/uploads/queue'
import type { Answer } from '@/features/uploads/upload'
import { ApiError, toProblem } from '@/lib/api/problem'

type Call = Parameters<SendImages>[0] & {
  accept: (rejectedCount?: number) => Promise<void>
  refuse: (error: Error) => Promise<void>
}

/** The far end of an upload: keeps each request until the test says how it ends. */
export function createFakeServer() {
  const calls: Call[] = []
  const sendImages: SendImages = (request) =>
    new Promise<Answer>((resolve, reject) => {
      calls.push({
        ...request,
        accept: async (rejectedCount = 0) => {
          resolve(answerTo(request, rejectedCount))
          await settled()
        },
        refuse: async (error) => {
          reject(error)
          await settled()
        },
      })
    })
  const call = (place: number) => {
    const found = calls[place]
    if (!found) throw new Error(`The queue has sent ${calls.length} requests, not ${place + 1}`)
    return found
  }
  return { sendImages, calls, call }
}

export function refusal(status: number, code: string): ApiError {
  const body = { type: '', title: '', status, detail: 'No.', code, request_id: 'req-1' }
  return new ApiError(toProblem(body, status, ''))
}

function answerTo({ batchId, files }: Parameters<SendImages>[0], rejectedCount: number): Answer {
  const rejected = files.slice(0, rejectedCount)
  return {
    batch: { id: batchId ?? 'batch-1' } as Answer['batch'],
    accepted: files.slice(rejectedCount).map(({ name }) => ({ filename: name, analysis: name })),
    rejected: rejected.map(({ name }) => ({
      filename: name,
      code: 'unsupported_format',
      detail: 'This is not an image we can read.',
    })),
  }
}

/** Lets what waits on an answer run. */
async function settled() {
  await new Promise((resolve) => setTimeout(resolve))
}
