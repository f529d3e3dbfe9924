import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'

import { handlersOf } from './handlers.ts'
import { MockDesk } from './mock-desk.ts'
import { show } from './show.tsx'

/** A server for the tests of a file: a fresh desk for each. */
export function startMockServer() {
  const server = setupServer()
  beforeAll(() => {
    server.listen({ onUnhandledRequest: 'error' })
  })
  beforeEach(() => {
    server.use(...handlersOf(new MockDesk(false)))
  })
  afterEach(() => {
    server.resetHandlers()
  })
  afterAll(() => {
    server.close()
  })
  return server
}

/** Opens a page in an application of its own, that remembers nothing of the test before. */
export async function open(path: string) {
  window.history.replaceState({}, '', path)
  vi.resetModules()
  const { App } = await import('@/app/app')
  show(<App />)
}
