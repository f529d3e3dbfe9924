import { fireEvent, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { fileOf } from '@/testing/files'
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

test('a picture is taken when it is pasted into the page, not into a field', () => {
  const onFiles = vi.fn()
  show(
    <>
      <input aria-label="Name" />
      <textarea aria-label="Notes" />
      <WindowDrop onFiles={onFiles} />
    </>,
  )
  const clipboardData = { files: [fileOf('image.png')] }
  fireEvent.paste(screen.getByLabelText('Name'), { clipboardData })
  fireEvent.paste(screen.getByLabelText('Notes'), { clipboardData })
  expect(onFiles).not.toHaveBeenCalled()
  fireEvent.paste(document.body, { clipboardData })
  expect(onFiles).toHaveBeenCalledOnce()
})
