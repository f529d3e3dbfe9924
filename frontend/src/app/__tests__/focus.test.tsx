import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { delay, http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'

import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()

async function press(button: HTMLElement) {
  button.focus()
  await userEvent.keyboard('{Enter}')
}

test('a new page has the focus, and on the way back the link that led to it', async () => {
  await open('/batches')
  await press(await screen.findByRole('link', { name: /^Forty faces/ }))
  expect(await screen.findByRole('heading', { name: 'Forty faces' })).toBeVisible()
  await waitFor(() => {
    expect(screen.getByRole('main')).toHaveFocus()
  })
  window.history.back()
  await waitFor(() => {
    expect(screen.getByRole('link', { name: /^Forty faces/ })).toHaveFocus()
  })
})

test('the way back to the list is not told to be where one is', async () => {
  await open('/batches/forty/analyses/forty_3')
  expect(await screen.findByRole('link', { name: '← Forty faces' })).not.toHaveAttribute(
    'aria-current',
  )
})

test('stepping on keeps the focus, also where there is nothing more', async () => {
  await open('/batches/forty/analyses/forty_38')
  const next = await screen.findByRole('button', { name: /Next/ })
  await waitFor(() => {
    expect(next).not.toHaveAttribute('aria-disabled')
  })
  await press(next)
  await waitFor(() => {
    expect(next).toHaveAttribute('aria-disabled', 'true')
  })
  expect(next).toBeEnabled() // the browser takes the focus from what is not
  expect(next).toHaveFocus()
  expect(screen.getByRole('heading', { level: 1 })).toHaveAttribute('aria-live', 'polite')
  expect(screen.getByTestId('verdict-words')).toHaveRole('status')
})

test('pausing and resuming is one button, which keeps the focus', async () => {
  await open('/batches/running')
  await press(await screen.findByRole('button', { name: 'Pause' }))
  expect(await screen.findByRole('button', { name: 'Resume' })).toHaveFocus()
})

test('a button at work keeps the focus and does not do its work twice', async () => {
  let asked = 0
  server.use(
    http.post('*/api/v1/batches/:id/exports', async () => {
      asked += 1
      await delay('infinite')
      return HttpResponse.json(null)
    }),
  )
  await open('/batches/forty')
  await userEvent.click(await screen.findByRole('button', { name: 'Export' }))
  const write = within(await screen.findByRole('dialog')).getByRole('button', {
    name: 'Write the file',
  })
  await press(write)
  await waitFor(() => {
    expect(write).toHaveAttribute('aria-disabled', 'true')
  })
  expect(write).toBeEnabled()
  expect(write).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  await userEvent.click(write)
  expect(asked).toBe(1)
})

test('a form at work is not sent twice', async () => {
  let asked = 0
  server.use(
    http.get('*/api/v1/session', () => HttpResponse.json({ user: null })),
    http.post('*/api/v1/session', async () => {
      asked += 1
      await delay('infinite')
      return problemResponse(500, 'internal', 'Never.')
    }),
  )
  await open('/')
  const name = await screen.findByLabelText('User name')
  expect(name).toHaveFocus()
  await userEvent.type(name, 'maria')
  await userEvent.type(screen.getByLabelText('Password'), 'right{Enter}')
  await waitFor(() => {
    expect(screen.getByRole('button', { name: 'Log in' })).toHaveAttribute('aria-disabled')
  })
  await userEvent.keyboard('{Enter}')
  expect(asked).toBe(1)
})

test('files that were chosen take the focus from the button that made way for them', async () => {
  await open('/')
  const input = await screen.findByTestId('drop-input')
  screen.getByRole('button', { name: 'Choose files' }).focus()
  await userEvent.upload(input, new File(['x'], 'face.jpg', { type: 'image/jpeg' }))
  expect(await screen.findByRole('form', { name: /^1 file/ })).toHaveFocus()
})
