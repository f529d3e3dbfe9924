import createClient, { type Middleware } from 'openapi-fetch'

import { csrfHeader } from './csrf'
import { ApiError, toProblem, unreachable } from './problem'
import type { paths } from './schema'

const sayWhoWeAre: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') {
      for (const [name, value] of Object.entries(csrfHeader())) request.headers.set(name, value)
    }
    return request
  },
}

const throwProblems: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return
    const body: unknown = await response.json().catch(() => null)
    const requestId = response.headers.get('X-Request-ID') ?? ''
    throw new ApiError(toProblem(body, response.status, requestId))
  },
  onError: () => new ApiError(unreachable),
}

export const client = createClient<paths>({
  baseUrl: window.location.origin,
  // Looked up at each call, so that a test may put its own in place.
  fetch: (request) => globalThis.fetch(request),
})
client.use(sayWhoWeAre, throwProblems)

/** The body of an answer that is known to have one. */
export function bodyOf<Body>({ data }: { data?: Body }): Body {
  if (data === undefined) throw new ApiError(toProblem(null, 200, ''))
  return data
}
