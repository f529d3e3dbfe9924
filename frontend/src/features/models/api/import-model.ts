import { useMutation } from '@tanstack/react-query'

import { sendForm } from '@/lib/api/send-form'

import type { ModelVersionDetail } from './get-model-version'
import { useForgetModels } from './use-forget-models'

/** Sends a bundle; `onProgress` hears the share that has left. */
export function useImportModel(onProgress: (share: number) => void) {
  const forgetModels = useForgetModels()
  return useMutation({
    mutationFn: (bundle: File) => {
      const form = new FormData()
      form.append('bundle', bundle, bundle.name)
      return sendForm<ModelVersionDetail>('/api/v1/models', form, (sentBytes) => {
        onProgress(Math.min(1, sentBytes / bundle.size))
      })
    },
    onSuccess: forgetModels,
  })
}
