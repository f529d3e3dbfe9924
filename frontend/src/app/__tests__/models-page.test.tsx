import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http, HttpResponse } from 'msw'
import { expect, test, vi } from 'vitest'

import { handlersOf } from '@/testing/handlers'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()

/** The line of a version in the list. */
async function lineOf(version: string) {
  await screen.findAllByTestId('model-version')
  const line = screen
    .getAllByTestId('model-version')
    .find((one) => one.textContent.includes(version))
  if (!line) throw new Error(`${version} is not on the list`)
  return line
}

async function upload(file: File) {
  await userEvent.upload(await screen.findByLabelText('ZIP with a model'), file)
}

async function confirm(action: string) {
  const dialog = await screen.findByRole('dialog')
  await userEvent.click(within(dialog).getByRole('button', { name: action }))
}

test('the list marks which model judges and which looks on', async () => {
  await open('/models')
  expect(await lineOf('finetuned-1a2b3c4d')).toHaveTextContent('Active')
  expect(await lineOf('best-77c0de42')).toHaveTextContent('Shadow')
  expect(await lineOf('finetuned-0f0f0f0f')).toHaveTextContent('Not tested')
})

test('a model is activated after it is said what will happen', async () => {
  await open('/models/finetuned-0f0f0f0f')
  await userEvent.click(await screen.findByRole('button', { name: 'Activate' }))
  const dialog = await screen.findByRole('dialog')
  expect(dialog).toHaveTextContent('judged by finetuned-0f0f0f0f, no longer by finetuned-1a2b3c4d')
  expect(dialog).toHaveTextContent('Results so far stay as they are.')
  await confirm('Activate')
  expect(await screen.findByText('Active')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Activate' })).toBeNull()
})

test('a roll back names the model that will judge again', async () => {
  await open('/models')
  await userEvent.click(await screen.findByRole('button', { name: 'Roll back' }))
  expect(await screen.findByRole('dialog')).toHaveTextContent('Let finetuned-0f0f0f0f judge again?')
  await confirm('Roll back')
  await waitFor(async () => {
    expect(await lineOf('finetuned-0f0f0f0f')).toHaveTextContent('Active')
  })
})

test('a shadow shows how often it agrees, and is stopped on request', async () => {
  await open('/models/best-77c0de42')
  expect(await screen.findByText('96.4 %')).toBeVisible()
  expect(screen.getByText('\u22122.1')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Stop the shadow' }))
  await confirm('Stop the shadow')
  expect(await screen.findByRole('button', { name: 'Run as a shadow' })).toBeVisible()
})

test('a new shadow takes the place of the old one, and that is said', async () => {
  await open('/models/finetuned-0f0f0f0f')
  await userEvent.click(await screen.findByRole('button', { name: 'Run as a shadow' }))
  expect(await screen.findByRole('dialog')).toHaveTextContent(
    'best-77c0de42 is then no longer the shadow',
  )
  await confirm('Run as a shadow')
  expect(await screen.findByText('Shadow')).toBeVisible()
})

test('a ZIP is imported and waits to be activated', async () => {
  const desk = new MockDesk(false)
  const append = vi.spyOn(FormData.prototype, 'append')
  server.use(...handlersOf(desk))
  // The mock's own answer reads the form, which it cannot of what jsdom sends.
  server.use(
    http.post('*/api/v1/models', () => {
      desk.models.take('student-12345678')
      return HttpResponse.json(desk.models.find('student-12345678'), { status: 201 })
    }),
  )
  await open('/models')
  await upload(new File(['PK'], 'student.zip'))
  expect(await screen.findByText(/waits to be activated/)).toBeVisible()
  expect(await lineOf('student-12345678')).not.toHaveTextContent('Active')
  expect(append).toHaveBeenCalledWith('bundle', expect.any(File), 'student.zip')
})

test('a refused bundle says why, and that nothing was kept', async () => {
  server.use(
    http.post('*/api/v1/models', () =>
      problemResponse(422, 'bundle_refused', 'head.npz is not as its card says. Nothing was kept.'),
    ),
  )
  await open('/models')
  await upload(new File(['x'], 'student.zip'))
  expect(await screen.findByRole('alert')).toHaveTextContent('Nothing was kept.')
})

test('a page that lacks what judges now says so, instead of loading without end', async () => {
  server.use(
    http.get('*/api/v1/model', () => problemResponse(404, 'not_found', 'No model judges.')),
  )
  await open('/models/best-77c0de42')
  expect(await screen.findByRole('alert')).toHaveTextContent('No model judges.')
  expect(screen.queryByRole('status', { name: 'Loading the model' })).toBeNull()
})

test('who is not of the staff reads and cannot act', async () => {
  const desk = new MockDesk(false)
  desk.user = { username: 'otto', is_staff: false }
  server.use(...handlersOf(desk))
  await open('/models')
  expect(await lineOf('finetuned-1a2b3c4d')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Import a model' })).toBeNull()
  expect(screen.queryByRole('button', { name: 'Roll back' })).toBeNull()
})
