import { act, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test } from 'vitest'

import { ApiError, unreachable } from '@/lib/api/problem'
import { createFakeServer, refusal } from '@/testing/fake-server'
import { filesOf } from '@/testing/files'
import { show } from '@/testing/show'

import { UploadTray } from '../components/upload-tray'
import { UploadQueue } from '../queue'
import { UploadsProvider } from '../uploads-context'

function showTray() {
  const server = createFakeServer()
  const queue = new UploadQueue(server.sendImages, () => undefined)
  show(
    <UploadsProvider queue={queue}>
      <UploadTray outcome={(batchId) => <p>What becomes of {batchId}</p>} />
    </UploadsProvider>,
  )
  return { server, queue }
}

/** Whether the browser would ask before it leaves the page. */
function isHeld(): boolean {
  return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
}

test('the tray is there while files are on their way, and leaving asks first', async () => {
  const { server, queue } = showTray()
  expect(screen.queryByTestId('upload-tray')).toBeNull()
  expect(isHeld()).toBe(false)

  act(() => {
    queue.start(filesOf(30), '')
  })
  expect(screen.getByText('10 uploading · 20 queued · 0 failed')).toBeVisible()
  expect(screen.getByRole('status')).toHaveTextContent(/^Uploading$/) // figures would never let the reader finish
  expect(isHeld()).toBe(true)

  await act(() => server.call(0).accept())
  await act(() => server.call(1).accept())
  expect(screen.queryByTestId('upload-tray')).toBeNull()
  expect(isHeld()).toBe(false)
})

test('what failed says why and is sent again with one press', async () => {
  const { server, queue } = showTray()
  act(() => {
    queue.start(filesOf(30), '')
  })
  await act(() => server.call(0).accept())
  await act(() => server.call(1).refuse(new ApiError(unreachable)))
  expect(screen.getByRole('alert')).toHaveTextContent(unreachable.detail)
  expect(screen.getByText('20 files wait in this window to be sent: keep it open.')).toBeVisible()
  expect(isHeld()).toBe(true)

  await userEvent.click(screen.getByRole('button', { name: 'Retry failed' }))
  expect(server.calls).toHaveLength(3)
})

test('files that were not accepted are counted and listed with their reasons', async () => {
  const { server, queue } = showTray()
  act(() => {
    queue.start(filesOf(5), '')
  })
  await act(() => server.call(0).accept(2))
  expect(screen.getByText(/^2 of 5 files were not accepted: 2 are not images/)).toBeVisible()
  expect(screen.getAllByTestId('rejected-file')).toHaveLength(2)
})

test('what was accepted is followed beside what was not', async () => {
  const { server, queue } = showTray()
  act(() => {
    queue.start(filesOf(5), '')
  })
  await act(() => server.call(0).accept(2))
  expect(screen.getByText('What becomes of batch-1')).toBeVisible()
})

test('where nothing was accepted there is nothing to follow', async () => {
  const { server, queue } = showTray()
  act(() => {
    queue.start(filesOf(2), '')
  })
  await act(() => server.call(0).refuse(refusal(422, 'nothing_accepted')))
  expect(screen.getByText(/^2 of 2 files were not accepted/)).toBeVisible()
  expect(screen.queryByText(/What becomes of/)).toBeNull()
})

test('leaving asks first where the tray is not shown, as on the login', () => {
  const queue = new UploadQueue(createFakeServer().sendImages, () => undefined)
  show(<UploadsProvider queue={queue}>Log in</UploadsProvider>)
  expect(isHeld()).toBe(false)
  act(() => {
    queue.start(filesOf(3), '')
  })
  expect(isHeld()).toBe(true)
})

test('files that failed are discarded only when somebody says so', async () => {
  const { server, queue } = showTray()
  act(() => {
    queue.start(filesOf(30), '')
  })
  await act(() => server.call(0).refuse(new ApiError(unreachable)))
  expect(screen.queryByRole('button', { name: 'Close' })).toBeNull()
  const discard = screen.getByRole('button', { name: 'Discard 30 unsent files' })
  await userEvent.click(discard)
  await userEvent.click(await screen.findByRole('button', { name: 'Keep' }))
  expect(queue.getUploads()).toHaveLength(1)

  await waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  await userEvent.click(discard)
  const dialog = await screen.findByRole('dialog', { name: 'Discard 30 unsent files?' })
  await userEvent.click(within(dialog).getByRole('button', { name: 'Discard' }))
  expect(queue.getUploads()).toEqual([])
})
