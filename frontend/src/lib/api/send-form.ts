import { csrfHeader } from './csrf'
import { ApiError, toProblem, unreachable } from './problem'

/** Posts a form and tells how many bytes have left: `fetch` cannot, so this is an XMLHttpRequest. */
export function sendForm<Answer>(
  path: string,
  form: FormData,
  onProgress: (sentBytes: number) => void,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.responseType = 'json'
    for (const [name, value] of Object.entries({ ...csrfHeader(), ...headers })) {
      request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => {
      onProgress(event.loaded)
    }
    request.onerror = () => {
      reject(new ApiError(unreachable))
    }
    request.onload = () => {
      const { status } = request
      const response: unknown = request.response
      const requestId = request.getResponseHeader('X-Request-ID') ?? ''
      if (status < 300 && response) resolve(response as Answer)
      else reject(new ApiError(toProblem(response, status, requestId)))
    }
    request.send(form)
  })
}
