import { screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test } from 'vitest'

import { show } from '@/testing/show'

import { WindowDrop } from '../components/window-drop'

test('the veil that is not seen stops nobody who goes by keyboard', async () => {
  show(
    <>
      <button type="button">Before</button>
      <WindowDrop onFiles={() => undefined} />
    </>,
  )
  await userEvent.tab()
  expect(screen.getByRole('button', { name: 'Before' })).toHaveFocus()
  await userEvent.tab()
  expect(document.body).toHaveFocus()
})
