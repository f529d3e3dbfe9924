import { screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'

import type { components } from '@/lib/api/schema'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

type Batch = components['schemas']['Batch']

const server = startMockServer()
const counts = {
  waiting: 39,
  paused: 0,
  running: 0,
  done: 0,
  failed: 0,
  quarantined: 0,
  cancelled: 0,
}

function batchOf(changes: Partial<Batch>): Batch {
  const [running] = new MockDesk(false).batches()
  if (!running) throw new Error('the desk has a batch that runs')
  return {
    ...running,
    id: 'made',
    name: 'Faces',
    total: 40,
    counts,
    seconds_left: null,
    ...changes,
  }
}

/** A server that has taken an upload in, but for one file, and says in turn what is given of its batch. */
function takeIn(first: Batch, later: () => Batch) {
  server.use(
    http.post('*/api/v1/batches', () =>
      HttpResponse.json(
        {
          batch: first,
          accepted: [{ filename: 'face.jpg', analysis: 'made_0' }],
          rejected: [{ filename: 'a.txt', code: 'unsupported_format', detail: 'No image.' }],
        },
        { status: 202 },
      ),
    ),
    http.get('*/api/v1/batches/made', () => HttpResponse.json(later())),
  )
}

async function upload() {
  await open('/')
  const input = await screen.findByTestId('drop-input')
  await userEvent.upload(input, new File(['x'], 'face.jpg', { type: 'image/jpeg' }))
  await userEvent.click(await screen.findByTestId('detect-button'))
}

test('the tray follows the batch to its end and leads to it', async () => {
  const finished = { ...counts, waiting: 0, done: 39, failed: 1 }
  takeIn(batchOf({}), () => batchOf({ state: 'finished', counts: finished }))
  await upload()
  const words = await screen.findByText('0 of 40 images analysed so far')
  expect(words).toHaveAttribute('aria-live', 'off')
  await waitFor(() => {
    expect(words).toHaveTextContent('39 done, 1 failed')
  })
  expect(words).toHaveAttribute('aria-live', 'polite')
  expect(screen.getByRole('link', { name: 'Open the batch' })).toHaveAttribute(
    'href',
    '/batches/made',
  )
  expect(screen.queryByText(/so far/)).toBeNull()
})

test('a batch that was deleted meanwhile is said to be gone, and asked for no more', async () => {
  let asked = 0
  takeIn(batchOf({}), () => batchOf({}))
  server.use(
    http.get('*/api/v1/batches/made', () => {
      asked += 1
      return problemResponse(404, 'not_found', 'There is nothing of yours at this address.')
    }),
  )
  await upload()
  expect(await screen.findByText('The batch is not there any more.')).toBeVisible()
  const before = asked
  await new Promise((resolve) => setTimeout(resolve, 2500))
  expect(asked).toBe(before)
})
