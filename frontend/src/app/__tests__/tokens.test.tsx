import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http } from 'msw'
import { beforeEach, expect, test } from 'vitest'

import type { components } from '@/lib/api/schema'
import { handlersOf } from '@/testing/handlers'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

type NewToken = components['schemas']['NewTokenRequest']

const server = startMockServer()
const day = 86_400_000
let asked: NewToken[] = []

beforeEach(() => {
  asked = []
  server.use(
    http.post('*/api/v1/tokens', async ({ request }) => {
      asked.push((await request.clone().json()) as NewToken)
    }),
  )
})

async function openForm() {
  await open('/integrations')
  await userEvent.type(await screen.findByLabelText('Name of the new token'), 'intake script')
}

test('a token is for everyday work and ends in 90 days unless somebody says otherwise', async () => {
  await openForm()
  await userEvent.click(screen.getByRole('button', { name: 'Create token' }))
  await waitFor(() => {
    expect(screen.getByText('Copy the token now')).toBeVisible() // it fades in
  })
  expect(asked[0]).toMatchObject({ name: 'intake script', scopes: ['predict', 'upload', 'read'] })
  const days = (Date.parse(asked[0]?.expires_at ?? '') - Date.now()) / day
  expect(days).toBeGreaterThan(89)
  expect(days).toBeLessThanOrEqual(90)
})

test('the chosen scopes and end are asked for and shown beside the token', async () => {
  await openForm()
  await userEvent.click(screen.getByLabelText('Send images, change batches'))
  await userEvent.click(screen.getByLabelText('Ask about one image'))
  await userEvent.selectOptions(screen.getByLabelText('How long the new token lasts'), 'No end')
  await userEvent.click(screen.getByRole('button', { name: 'Create token' }))
  await userEvent.click(await screen.findByRole('button', { name: 'I have it' }))
  expect(asked).toEqual([{ name: 'intake script', scopes: ['read'], expires_at: null }])
  const row = await screen.findByTestId('token-row')
  expect(within(row).getByText('Read results')).toBeVisible()
  expect(row).toHaveTextContent('never used, no end')
})

test('a token that may do nothing cannot be made', async () => {
  await openForm()
  for (const words of ['Ask about one image', 'Send images, change batches', 'Read results']) {
    await userEvent.click(screen.getByLabelText(words))
  }
  expect(screen.getByText('Choose what the program needs to do.')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Create token' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
})

test('staff can let a program change models, but have to say so', async () => {
  await openForm()
  expect(screen.getByLabelText('Change which model judges')).not.toBeChecked()
})

test('who is no staff is not offered what they may not do themselves', async () => {
  const desk = new MockDesk(false)
  desk.user = { username: 'otto', is_staff: false }
  server.use(...handlersOf(desk))
  await openForm()
  expect(screen.queryByLabelText('Change which model judges')).not.toBeInTheDocument()
})

test('a token that is over says so', async () => {
  const desk = new MockDesk(false)
  desk.tokens = [
    {
      id: '1',
      name: 'old script',
      prefix: '12345678',
      created_at: new Date(Date.now() - 100 * day).toISOString(),
      last_used_at: null,
      expires_at: new Date(Date.now() - 10 * day).toISOString(),
      scopes: ['read'],
    },
  ]
  server.use(...handlersOf(desk))
  await open('/integrations')
  expect(await screen.findByTestId('token-row')).toHaveTextContent(
    'over: it opens nothing any more',
  )
})

test('a refusal is shown and the choice stays', async () => {
  server.use(http.post('*/api/v1/tokens', () => problemResponse(429, 'throttled', 'Wait a while.')))
  await openForm()
  await userEvent.click(screen.getByLabelText('Read results'))
  await userEvent.click(screen.getByRole('button', { name: 'Create token' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('Wait a while.')
  expect(screen.getByLabelText('Read results')).not.toBeChecked()
})

test('a new token can be selected, and no stray key takes it away', async () => {
  await openForm()
  await userEvent.click(screen.getByRole('button', { name: 'Create token' }))
  const token = await screen.findByRole('textbox', { name: 'The new token' })
  expect(token).toHaveValue('assay_4kd9Xm2PqLr8VtYw3ZsNb6Hc1Jf5Gd7K')
  expect(token).toHaveAttribute('readonly')
  await userEvent.click(token)
  await userEvent.keyboard('{Escape}')
  await new Promise((resolve) => setTimeout(resolve, 500)) // it would fade out
  expect(token).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'I have it' }))
  await waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})
