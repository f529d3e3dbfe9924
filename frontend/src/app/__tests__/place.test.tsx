import { screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http } from 'msw'
import { beforeEach, expect, test } from 'vitest'

import { handlersOf } from '@/testing/handlers'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()
const withCamera = '/batches/forty/analyses/forty_1'
const withoutCamera = '/batches/forty/analyses/forty_3'
let places: string[] = []

beforeEach(() => {
  places = []
  server.use(
    http.get('*/evidence', ({ request }) => {
      const { pathname, searchParams } = new URL(request.url)
      if (searchParams.has('gps')) places.push(pathname)
    }),
  )
})

async function openEvidence(path: string) {
  await open(path)
  await userEvent.click(await screen.findByRole('button', { name: /Show evidence/ }))
  await screen.findByRole('heading', { name: 'File' })
}

test('staff see where an image was taken when they ask, as text, and not before', async () => {
  await openEvidence(withCamera)
  expect(places).toEqual([])
  await userEvent.click(screen.getByRole('button', { name: 'Show place' }))
  expect(await screen.findByText('48.85822° N, 2.29450° E')).toBeVisible()
  expect(places).toEqual(['/api/v1/analyses/forty_1/evidence'])

  await userEvent.click(screen.getByRole('button', { name: 'Hide place' }))
  expect(screen.getByTestId('place')).toBeEmptyDOMElement()
})

test('a file that says no place is said to', async () => {
  await openEvidence(withoutCamera)
  await userEvent.click(screen.getByRole('button', { name: 'Show place' }))
  expect(await screen.findByText('The file does not say where it was taken.')).toBeVisible()
})

test('who is no staff is not offered the place', async () => {
  const desk = new MockDesk(false)
  desk.user = { username: 'otto', is_staff: false }
  server.use(...handlersOf(desk))
  await openEvidence(withCamera)
  expect(screen.queryByRole('button', { name: 'Show place' })).toBeNull()
})

test('a place that cannot be read is an error of its own, and can be asked for again', async () => {
  server.use(
    http.get('*/evidence', ({ request }) =>
      new URL(request.url).searchParams.has('gps')
        ? problemResponse(410, 'image_gone', 'The file is not in the store any more.')
        : undefined,
    ),
  )
  await openEvidence(withCamera)
  await userEvent.click(screen.getByRole('button', { name: 'Show place' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('The file is not in the store')
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible()
})
