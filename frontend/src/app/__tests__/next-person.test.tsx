import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { delay, http, HttpResponse } from 'msw'
import { beforeEach, expect, test } from 'vitest'

import { handlersOf } from '@/testing/handlers'
import { logIn } from '@/testing/log-in'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()
let desk: MockDesk

beforeEach(() => {
  desk = new MockDesk(false)
  server.use(...handlersOf(desk))
})

/** The session ends without a word, and the next page that asks for something finds out. */
async function expire() {
  const refuse = () => problemResponse(401, 'not_authenticated', 'Not logged in.')
  desk.user = null
  server.use(http.get('*/api/v1/models', refuse, { once: true }))
  await userEvent.click(screen.getByRole('link', { name: 'Models' }))
  await screen.findByTestId('login-form')
}

async function stage(name = 'face.jpg') {
  const input = await screen.findByTestId('drop-input')
  await userEvent.upload(input, new File(['x'], name, { type: 'image/jpeg' }))
  return screen.findByTestId('detect-button')
}

async function askToLogOut() {
  await userEvent.click(screen.getByRole('button', { name: 'You and this screen' }))
  // Hidden: without a layout the menu takes its button for scrolled out of sight.
  const logOut = { name: 'Log out', hidden: true }
  await userEvent.click(await screen.findByRole('menuitem', logOut))
}

async function goHome() {
  await userEvent.click(screen.getByRole('link', { name: 'Home' }))
}

function failUploads() {
  server.use(http.post('*/api/v1/batches', () => HttpResponse.error()))
}

test('who logs in after a session ended sees nothing of the one before', async () => {
  await open('/batches')
  expect(await screen.findByText('Forty faces')).toBeVisible()
  await expire()
  server.use(http.get('*/api/v1/batches', () => delay('infinite')))
  await logIn('otto')
  await userEvent.click(screen.getByRole('link', { name: 'Batches' }))
  expect(await screen.findByRole('heading', { name: 'Batches' })).toBeVisible()
  expect(screen.queryByText('Forty faces')).toBeNull()
})

test('who logs in in another window is noticed when one comes back to this one', async () => {
  await open('/batches')
  expect(await screen.findByText('Forty faces')).toBeVisible()
  await userEvent.click(screen.getByRole('link', { name: 'Home' }))
  await stage()
  desk.user = { username: 'otto', is_staff: false }
  server.use(
    http.get('*/api/v1/batches', () => HttpResponse.json({ next_cursor: null, results: [] })),
  )
  window.dispatchEvent(new Event('visibilitychange'))
  await waitFor(() => {
    expect(screen.queryByTestId('detect-button')).toBeNull()
  })
  await waitFor(() => {
    expect(screen.queryByText('Forty faces')).toBeNull()
  })
  await userEvent.click(screen.getByRole('button', { name: 'You and this screen' }))
  expect(await screen.findByText('Logged in as otto')).toBeInTheDocument()
})

test('who logs out in another window is logged out in this one', async () => {
  await open('/batches/forty')
  expect(await screen.findByRole('heading', { name: 'Forty faces' })).toBeVisible()
  desk.user = null
  window.dispatchEvent(new Event('visibilitychange'))
  expect(await screen.findByTestId('login-form')).toBeVisible()
  expect(window.location.search).toBe('?next=%2Fbatches%2Fforty')
})

test("of a batch that is nobody's any more only that is shown", async () => {
  await open('/batches/running')
  expect((await screen.findAllByTestId('result-card')).length).toBeGreaterThan(0)
  server.use(
    http.get('*/api/v1/batches/running', () => problemResponse(404, 'not_found', 'Not yours.')),
  )
  expect(await screen.findByText('Not yours.')).toBeVisible()
  expect(screen.queryByTestId('result-card')).toBeNull()
  expect(screen.queryByText('Nov intake')).toBeNull()
})

test('logging out with files that were not sent asks first, and then forgets them', async () => {
  await open('/')
  await stage()
  await askToLogOut()
  const dialog = await screen.findByRole('dialog')
  expect(dialog).toHaveTextContent('1 file has not reached the server yet')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Stay' }))
  await waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  expect(screen.getByTestId('detect-button')).toBeVisible()

  await askToLogOut()
  await userEvent.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Log out' }),
  )
  await logIn('maria')
  expect(await screen.findByTestId('drop-input')).toBeInTheDocument()
  expect(screen.queryByTestId('detect-button')).toBeNull()
})

test('logging out forgets what could not be uploaded', async () => {
  failUploads()
  await open('/')
  await userEvent.click(await stage())
  await screen.findByRole('button', { name: 'Retry failed' })
  await askToLogOut()
  await userEvent.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Log out' }),
  )
  await logIn('otto')
  expect(screen.queryByTestId('upload-tray')).toBeNull()
})

test('with nothing unsent a person is logged out without a question', async () => {
  await open('/')
  await screen.findByTestId('drop-input')
  await askToLogOut()
  expect(await screen.findByTestId('login-form')).toBeVisible()
})

test('files outlast the end of a session for whoever chose them', async () => {
  failUploads()
  await open('/')
  await userEvent.click(await stage())
  await screen.findByRole('button', { name: 'Retry failed' })
  await stage('other.jpg')
  await expire()
  await logIn('maria')
  expect(await screen.findByRole('button', { name: 'Retry failed' })).toBeVisible()
  await goHome()
  expect(await screen.findByTestId('detect-button')).toBeVisible()
})

test('files do not outlast the end of a session for anybody else', async () => {
  failUploads()
  await open('/')
  await userEvent.click(await stage())
  await screen.findByRole('button', { name: 'Retry failed' })
  await stage('other.jpg')
  await expire()
  await logIn('otto')
  expect(screen.queryByTestId('upload-tray')).toBeNull()
  await goHome()
  expect(await screen.findByTestId('drop-input')).toBeInTheDocument()
  expect(screen.queryByTestId('detect-button')).toBeNull()
})

test('an upload without a session leads to the login, and is sent after it', async () => {
  server.use(
    http.post(
      '*/api/v1/batches',
      () => {
        desk.user = null
        return problemResponse(401, 'not_authenticated', 'Send Authorization: Bearer.')
      },
      { once: true },
    ),
  )
  await open('/')
  await userEvent.click(await stage())
  await logIn('maria')
  const tray = await screen.findByTestId('upload-tray')
  expect(tray).toHaveTextContent('1 file waits in this window to be sent')
  expect(tray).not.toHaveTextContent('Bearer')
  await userEvent.click(within(tray).getByRole('button', { name: 'Retry failed' }))
  await waitFor(() => {
    expect(window.location.pathname).toMatch(/^\/batches\/./)
  })
})

test('a typed name outlasts more files and a look at another page', async () => {
  await open('/')
  await stage()
  const name = () => screen.getByRole('textbox', { name: 'Name of the batch' })
  await userEvent.type(name(), 'Case 4711')
  const pasted = new Event('paste', { bubbles: true })
  const folder = new File(['x'], 'more.zip')
  Object.assign(pasted, { clipboardData: { files: [folder] } })
  document.body.dispatchEvent(pasted)
  expect(await screen.findByText('2 files')).toBeVisible()
  expect(name()).toHaveValue('Case 4711')

  await userEvent.click(screen.getByRole('link', { name: 'Batches' }))
  await screen.findByRole('heading', { name: 'Batches' })
  await goHome()
  await screen.findByTestId('detect-button')
  expect(name()).toHaveValue('Case 4711')
  await userEvent.click(screen.getByRole('button', { name: 'Clear' }))
  await stage()
  expect(name()).toHaveValue('')
})
