import { sendForm } from '@/lib/api/send-form'

import type { SendImages } from '../queue'
import type { Answer } from '../upload'

export const sendImages: SendImages = ({ batchId, name, files, idempotencyKey, onProgress }) => {
  const form = new FormData()
  if (batchId === null && name) form.append('name', name)
  for (const file of files) form.append('images', file, file.name)
  const path = batchId === null ? '/api/v1/batches' : `/api/v1/batches/${batchId}/images`
  return sendForm<Answer>(path, form, onProgress, { 'Idempotency-Key': idempotencyKey })
}
