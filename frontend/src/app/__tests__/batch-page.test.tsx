import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'

import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()

test('what was not assessed has a filter and gives its reason on the tile', async () => {
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: /^Not assessed 2/ }))
  await waitFor(() => {
    expect(screen.getAllByTestId('result-card')).toHaveLength(2)
  })
  const [first] = screen.getAllByTestId('result-card')
  expect(first).toHaveTextContent('No face found')
  expect(first).toHaveTextContent('Not assessed')
  expect(first && within(first).queryByTestId('failure-card')).toBeNull()
})

test('a tile with several reasons shows the first and how many more', async () => {
  await open('/batches/forty?show=inconclusive')
  expect(await screen.findByTitle('Heavily compressed, Answer not stable')).toHaveTextContent(
    'Heavily compressed +1',
  )
})

test('another model judges the filtered images in a new batch, which tells what changed', async () => {
  await open('/batches/forty?show=fake')
  await userEvent.click(await screen.findByRole('button', { name: 'Analyse again' }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByRole('combobox', { name: 'Model' })).toHaveValue('best-77c0de42')
  expect(within(dialog).getByRole('radio', { name: /Only fake \(\d+\)/ })).toBeChecked()
  await userEvent.click(within(dialog).getByRole('button', { name: 'Analyse again' }))

  const note = await screen.findByTestId('repeat-note')
  expect(note).toHaveTextContent('judged again by best-77c0de42')
  expect(within(note).getByRole('link', { name: 'Forty faces' })).toHaveAttribute(
    'href',
    '/batches/forty',
  )
  expect(await within(note).findByText(/^3 of \d+ verdicts changed$/)).toBeVisible()
  expect(window.location.search).toBe('')
})

test('a repeated result leads to what the model before said', async () => {
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: 'Analyse again' }))
  const dialog = await screen.findByRole('dialog')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Analyse again' }))
  await screen.findByTestId('repeat-note')
  const [first] = await screen.findAllByTestId('result-card')
  if (first) await userEvent.click(first)
  const others = await screen.findByRole('list', { name: 'By other models' })
  expect(within(others).getByRole('link')).toHaveAttribute(
    'href',
    '/batches/forty/analyses/forty_0',
  )
  expect(others).toHaveTextContent('by finetuned-1a2b3c4d')
})

test('all images are meant where nothing is filtered', async () => {
  let body: unknown
  server.use(
    http.post('*/api/v1/batches/:id/reanalyse', async ({ request }) => {
      body = await request.json()
      return HttpResponse.json(null, { status: 500 })
    }),
  )
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: 'Analyse again' }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).queryByRole('radio')).toBeNull()
  await userEvent.selectOptions(within(dialog).getByRole('combobox'), 'finetuned-0f0f0f0f')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Analyse again' }))
  await waitFor(() => {
    expect(body).toEqual({ model_version: 'finetuned-0f0f0f0f', verdicts: [] })
  })
})

test('a refusal is said in the dialog, and the batch stays', async () => {
  server.use(
    http.post('*/api/v1/batches/:id/reanalyse', () =>
      problemResponse(409, 'nothing_to_repeat', 'No result of this batch fits the choice.'),
    ),
  )
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: 'Analyse again' }))
  const dialog = await screen.findByRole('dialog')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Analyse again' }))
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('fits the choice')
  expect(window.location.pathname).toBe('/batches/forty')
})
