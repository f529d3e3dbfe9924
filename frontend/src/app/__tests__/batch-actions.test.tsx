import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'

import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()

test('a running batch tells its place in the queue and can be paused and resumed', async () => {
  await open('/batches/running')
  const status = await screen.findByText(/^place .+ of .+ in the queue$/)
  await userEvent.click(screen.getByRole('button', { name: 'Pause' }))

  expect(await screen.findByText('paused')).toBeVisible()
  expect(status).not.toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull()

  await userEvent.click(screen.getByRole('button', { name: 'Resume' }))
  expect(await screen.findByRole('button', { name: 'Pause' })).toBeVisible()
})

test('cancelling asks first and says what is lost and what stays', async () => {
  await open('/batches/paused')
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  const dialog = await screen.findByRole('dialog')
  expect(dialog).toHaveTextContent('280 images will not be analysed')
  expect(dialog).toHaveTextContent('114 results so far stay')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel the batch' }))

  expect(await screen.findByText('cancelled')).toBeVisible()
  expect(await screen.findByRole('button', { name: 'Take up again' })).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Resume' })).toBeNull()
  expect(screen.getByRole('progressbar', { name: 'Analysed' })).toHaveAttribute(
    'aria-valuenow',
    '28.5',
  )
})

test('a refusal to cancel is said in the dialog, and the batch goes on', async () => {
  server.use(
    http.post('*/api/v1/batches/:id/cancel', () =>
      problemResponse(503, 'database_busy', 'The database did not answer in time.'),
    ),
  )
  await open('/batches/paused')
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  const dialog = await screen.findByRole('dialog')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel the batch' }))
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('did not answer in time')
})

test('only what failed is retried, and a refusal is said', async () => {
  const asked: unknown[] = []
  server.use(
    http.post('*/api/v1/batches/:id/retry', async ({ request }) => {
      asked.push(await request.json())
      return problemResponse(503, 'database_busy', 'The database did not answer in time.')
    }),
  )
  await open('/batches/paused')
  await userEvent.click(await screen.findByRole('button', { name: 'Retry failed' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('did not answer in time')
  expect(asked).toEqual([{ which: 'failed' }])
})

test('where nothing failed there is nothing to retry, pause or cancel', async () => {
  await open('/batches/one')
  expect(await screen.findByRole('button', { name: 'Export' })).toBeVisible()
  for (const name of ['Retry failed', 'Pause', 'Resume', 'Cancel']) {
    expect(screen.queryByRole('button', { name })).toBeNull()
  }
})

test('deleting says what is lost, and leads away from what is gone', async () => {
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: 'Delete' }))
  const dialog = await screen.findByRole('dialog', { name: 'Delete this batch for good?' })
  expect(dialog).toHaveTextContent('40 images with all results and exports will be lost')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Delete for good' }))

  await waitFor(() => {
    expect(window.location.pathname).toBe('/batches')
  })
  expect(await screen.findByRole('link', { name: /Election week/ })).toBeVisible()
  expect(screen.queryByRole('link', { name: /Forty faces/ })).toBeNull()
})

test('keeping a batch deletes nothing', async () => {
  server.use(http.delete('*/api/v1/batches/:id', () => HttpResponse.error()))
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: 'Delete' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Keep it' }))
  await waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  expect(window.location.pathname).toBe('/batches/forty')
})

test('the filtered results are exported, and the file appears when it is written', async () => {
  let body: unknown
  server.events.on('request:start', ({ request }) => {
    if (request.method === 'POST' && request.url.endsWith('/exports')) {
      void request
        .clone()
        .json()
        .then((sent: unknown) => {
          body = sent
        })
    }
  })
  await open('/batches/forty?show=fake')
  await userEvent.click(await screen.findByRole('button', { name: 'Export' }))
  const dialog = await screen.findByRole('dialog')
  await userEvent.click(within(dialog).getByRole('radio', { name: /^Parquet/ }))
  expect(within(dialog).getByRole('radio', { name: /^Only fake/ })).toBeChecked()
  await userEvent.click(within(dialog).getByRole('button', { name: 'Write the file' }))

  expect(await within(dialog).findByText('being written')).toBeVisible()
  const link = await within(dialog).findByRole('link', { name: /^Download 12/ }, { timeout: 5000 })
  expect(link).toHaveAttribute('href', expect.stringMatching(/^\/api\/v1\/exports\/.+\/file$/))
  expect(dialog).toHaveTextContent('Parquet, only fake')
  expect(body).toEqual({ format: 'parquet', verdict: 'fake' })
})

test('quarantined images have a filter of their own and can be tried again one by one', async () => {
  await open('/batches/paused')
  await userEvent.click(await screen.findByRole('button', { name: /^Quarantined 3/ }))
  await waitFor(() => {
    expect(screen.getAllByTestId('result-card')).toHaveLength(3)
  })
  expect(window.location.search).toBe('?show=quarantined')
  let retried = ''
  server.use(
    http.post('*/api/v1/analyses/:id/retry', ({ params }) => {
      retried = String(params.id)
      return problemResponse(503, 'database_busy', 'The database did not answer in time.')
    }),
  )
  const [first] = screen.getAllByTestId('result-card')
  expect(first).toHaveTextContent('Quarantined')
  if (first) await userEvent.click(first)
  await userEvent.click(await screen.findByRole('button', { name: 'Try again' }))
  expect(await screen.findByRole('alert')).toBeVisible()
  expect(retried).toBe('paused_17')
})
