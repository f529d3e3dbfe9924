import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'

import { handlersOf } from '@/testing/handlers'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()

test('a batch shows its results, and a filter goes into the address', async () => {
  await open('/batches/forty')
  expect(await screen.findByRole('heading', { name: 'Forty faces' })).toBeVisible()
  await waitFor(() => {
    expect(screen.getAllByTestId('result-card').length).toBeGreaterThan(5)
  })
  await userEvent.click(screen.getByRole('button', { name: /^Failed 1/ }))
  await waitFor(() => {
    expect(window.location.search).toBe('?show=failed')
  })
  await waitFor(() => {
    expect(screen.getAllByTestId('result-card')).toHaveLength(1)
  })
  expect(screen.getByTestId('failure-card')).toHaveTextContent('The image ends too early')
})

test('a view in the address is the view on the screen', async () => {
  await open('/batches/forty?show=fake&layout=table')
  expect(await screen.findByRole('table')).toBeVisible()
  expect(screen.getByRole('button', { name: /^Fake 12/ })).toHaveAttribute('aria-pressed', 'true')
  const verdicts = screen.getAllByTestId('result-card').map((card) => card.dataset.verdict)
  expect(new Set(verdicts)).toEqual(new Set(['fake']))
})

test('a result says its verdict in words, and the arrow keys lead on through the list', async () => {
  await open('/batches/forty/analyses/forty_3?show=fake')
  expect(await screen.findByTestId('verdict-words')).toHaveTextContent(/signs of AI generation$/i)
  expect(screen.getByTestId('map-canvas')).toBeInTheDocument()
  await waitFor(() => {
    expect(screen.getByRole('button', { name: /Next/ })).not.toHaveAttribute('aria-disabled')
  })
  await userEvent.keyboard('{ArrowRight}')
  await waitFor(() => {
    expect(window.location.pathname).toBe('/batches/forty/analyses/forty_6')
  })
  expect(window.location.search).toBe('?show=fake')
})

test('an error on a page says what happened, with the request id', async () => {
  server.use(
    http.get('*/api/v1/batches/:id', () => problemResponse(404, 'not_found', 'Nothing of yours.')),
  )
  await open('/batches/unknown')
  const alert = await screen.findByRole('alert')
  expect(alert).toHaveTextContent('Nothing of yours.')
  expect(within(alert).getByText('req-7f3a')).toBeVisible()
  expect(within(alert).getByRole('link', { name: 'All batches' })).toHaveAttribute(
    'href',
    '/batches',
  )
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull() // it would not help
})

test.each([
  ['/batches/unknown', 'Batch'],
  ['/batches/forty/analyses/unknown', 'Result'],
])('what is not there has a heading nevertheless: %s', async (path, heading) => {
  server.use(
    http.get('*/api/v1/batches/unknown', () => problemResponse(404, 'not_found', 'None.')),
    http.get('*/api/v1/analyses/unknown', () => problemResponse(404, 'not_found', 'None.')),
  )
  await open(path)
  await screen.findByRole('alert')
  expect(screen.getByRole('heading', { level: 1, name: heading })).toBeVisible()
})

test('the tab of the browser says which page it holds', async () => {
  await open('/batches/forty')
  await waitFor(() => {
    expect(document.title).toBe('Forty faces · Assay')
  })
  await userEvent.click(screen.getByRole('link', { name: 'Home' }))
  await waitFor(() => {
    expect(document.title).toBe('Assay')
  })
})

test('a server that answers nobody is said to, under a heading', async () => {
  server.use(
    http.get('*/api/v1/session', () => problemResponse(503, 'unavailable', 'Try again soon.')),
  )
  await open('/')
  expect(await screen.findByRole('alert', {}, { timeout: 10_000 })).toHaveTextContent(
    'Try again soon.',
  )
  expect(screen.getByRole('heading', { level: 1, name: 'Assay' })).toBeVisible()
}, 20_000)

test('a list that cannot be brought up to date says so and stays', async () => {
  const results = new MockDesk(false).batches().map((batch) => ({ ...batch, state: 'running' }))
  let asked = 0
  server.use(
    http.get('*/api/v1/batches', () =>
      asked++ === 0
        ? HttpResponse.json({ next_cursor: null, results })
        : problemResponse(429, 'throttled', 'Wait a while.'),
    ),
  )
  await open('/batches')
  expect(await screen.findByRole('alert')).toHaveTextContent('Wait a while.')
  expect(screen.getByText('Forty faces')).toBeVisible()
})

test('a session that ends leads to the login, and the login back to the page', async () => {
  const desk = new MockDesk(false)
  server.use(...handlersOf(desk))
  server.use(
    http.get(
      '*/api/v1/tokens',
      () => {
        desk.user = null
        return problemResponse(401, 'not_authenticated', 'Log in.')
      },
      { once: true },
    ),
  )
  await open('/integrations')
  await userEvent.type(await screen.findByLabelText('User name'), 'maria')
  expect(window.location.search).toBe('?next=%2Fintegrations')
  await userEvent.type(screen.getByLabelText('Password'), 'right')
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }))
  expect(await screen.findByRole('heading', { name: 'Integrations' })).toBeVisible()
})

test('who is logged in is not asked to log in again', async () => {
  await open('/login?next=%2Fmodels')
  expect(await screen.findByRole('heading', { name: 'Models' })).toBeVisible()
  expect(screen.queryByTestId('login-form')).toBeNull()
})
