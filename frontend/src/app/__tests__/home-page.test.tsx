import { screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test } from 'vitest'

import { fileOf } from '@/testing/files'
import { handlersOf } from '@/testing/handlers'
import { MockDesk } from '@/testing/mock-desk'
import { open, startMockServer } from '@/testing/open-app'

const server = startMockServer()

test('who clears the files by keyboard can go on from where they may be chosen', async () => {
  server.use(...handlersOf(new MockDesk(false)))
  await open('/')
  const input = await screen.findByTestId('drop-input')
  expect(screen.getByRole('button', { name: 'Choose files' })).not.toHaveFocus()
  await userEvent.upload(input, fileOf('face.jpg'))
  await userEvent.click(await screen.findByRole('button', { name: 'Clear' }))
  expect(await screen.findByRole('button', { name: 'Choose files' })).toHaveFocus()
})
