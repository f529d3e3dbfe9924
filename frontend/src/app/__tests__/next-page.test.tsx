import { screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { delay, http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'

import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()
const rows = new MockDesk(false).rows('forty')

/** A list whose second page is refused until it `heals`; says how often it was asked for. */
function refuseSecondPage() {
  const second = { asked: 0, heals: false }
  server.use(
    http.get('*/api/v1/analyses', async ({ request }) => {
      if (!new URL(request.url).searchParams.has('cursor')) {
        return HttpResponse.json({ next_cursor: '3', results: rows.slice(0, 3) })
      }
      second.asked += 1
      await delay(50) // so that the page shows that it waits, which is what ran in a circle
      if (!second.heals) return problemResponse(429, 'throttled', 'Wait a while.')
      return HttpResponse.json({ next_cursor: null, results: rows.slice(3, 5) })
    }),
  )
  return second
}

async function aWhile() {
  await new Promise((resolve) => setTimeout(resolve, 500))
}

test('a next page that is refused is said to be, and asked for again only on request', async () => {
  const second = refuseSecondPage()
  await open('/batches/forty?layout=table')
  expect(await screen.findByText('Wait a while.')).toBeVisible()
  await aWhile()
  expect(second.asked).toBe(1)
  expect(screen.getAllByTestId('result-card')).toHaveLength(3)

  second.heals = true
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await waitFor(() => {
    expect(screen.getAllByTestId('result-card')).toHaveLength(5)
  })
  expect(screen.queryByText('Wait a while.')).toBeNull()
})

test('the neighbours of a result are not asked for without end either', async () => {
  const second = refuseSecondPage()
  await open('/batches/forty/analyses/forty_2')
  await waitFor(() => {
    expect(second.asked).toBe(1)
  })
  await aWhile()
  expect(second.asked).toBe(1)
})

test('what comes in while one looks at a result stands behind "next"', async () => {
  const batch = new MockDesk(false).batch('forty')
  if (!batch) throw new Error('the desk has this batch')
  let done = 1
  server.use(
    http.get('*/api/v1/batches/forty', () => {
      const counts = { ...batch.counts, done: done++, waiting: 5 }
      return HttpResponse.json({ ...batch, state: 'running', counts })
    }),
    http.get('*/api/v1/analyses', () =>
      HttpResponse.json({ next_cursor: null, results: rows.slice(0, done > 2 ? 2 : 1) }),
    ),
  )
  await open('/batches/forty/analyses/forty_0')
  expect(await screen.findByText('No. 1')).toBeVisible()
  expect(screen.getByRole('button', { name: /Next/ })).toHaveAttribute('aria-disabled')
  await waitFor(() => {
    expect(screen.getByRole('button', { name: /Next/ })).not.toHaveAttribute('aria-disabled')
  })
})
