import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

import { getResponse } from 'msw'
import type { Connect, Plugin } from 'vite'

import { handlersOf } from './handlers.ts'
import { MockDesk } from './mock-desk.ts'
import { problemResponse } from './responses.ts'

/** What the development server pretends: `full`, `empty`, `error`, `loading` or `login`. */
export function mockServer(scene: string): Plugin {
  const desk = new MockDesk(scene === 'empty')
  if (scene === 'login') desk.user = null
  const answer = answerFrom(handlersOf(desk), scene)
  return {
    name: 'assay-mock-server',
    configureServer: ({ middlewares }) => void middlewares.use(answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(answer),
  }
}

function answerFrom(
  handlers: ReturnType<typeof handlersOf>,
  scene: string,
): Connect.NextHandleFunction {
  return (incoming, outgoing, next) => {
    if (!incoming.url?.startsWith('/api/')) {
      next()
      return
    }
    const isSession = incoming.url === '/api/v1/session'
    if (scene === 'loading' && !isSession) return
    const answer =
      scene === 'error' && !isSession
        ? Promise.resolve(databaseBusy())
        : getResponse(handlers, toRequest(incoming))
    void answer.then(async (response = new Response(null, { status: 404 })) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(Buffer.from(await response.arrayBuffer()))
    })
  }
}

function databaseBusy(): Response {
  return problemResponse(
    503,
    'database_busy',
    'The database did not answer in time. What was accepted before is safe; try again in a few seconds.',
  )
}

function toRequest(incoming: IncomingMessage): Request {
  const method = incoming.method ?? 'GET'
  const hasBody = method === 'POST'
  return new Request(`http://127.0.0.1${incoming.url ?? ''}`, {
    method,
    headers: incoming.headers as Record<string, string>,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  })
}
