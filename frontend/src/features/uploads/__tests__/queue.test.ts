import { expect, test, vi } from 'vitest'

import { unreachable, ApiError } from '@/lib/api/problem'
import { createFakeServer, refusal } from '@/testing/fake-server'
import { filesOf } from '@/testing/files'

import { UploadQueue } from '../queue'
import { tally } from '../upload'

function startUpload(count: number) {
  const server = createFakeServer()
  const onAnswer = vi.fn()
  const onLoggedOut = vi.fn()
  const queue = new UploadQueue(server.sendImages, onAnswer, onLoggedOut)
  queue.start(filesOf(count), 'Nov intake')
  return {
    server,
    queue,
    onAnswer,
    onLoggedOut,
    figures: () => tally(queue.getUploads()),
  }
}

test('one request goes ahead to open the batch, then two at a time follow into it', async () => {
  const { server } = startUpload(410)
  expect(server.calls).toHaveLength(1)
  expect(server.call(0)).toMatchObject({ batchId: null, name: 'Nov intake' })
  await server.call(0).accept()
  expect(server.calls).toHaveLength(3)
  expect(server.call(1).batchId).toBe('batch-1')
  await server.call(2).accept()
  expect(server.calls).toHaveLength(4)
})

test('the first answer, and only the first, opens the batch', async () => {
  const { server, onAnswer } = startUpload(20)
  await server.call(0).accept()
  await server.call(1).accept()
  expect(onAnswer.mock.calls.map(([, isFirst]) => isFirst as boolean)).toEqual([true, false])
})

test('an upload without trouble is forgotten when it is over', async () => {
  const { server, queue } = startUpload(3)
  await server.call(0).accept()
  expect(queue.getUploads()).toEqual([])
})

test('a request that fails by the network waits for a retry while the others go on', async () => {
  const { server, queue, figures } = startUpload(310)
  await server.call(0).accept()
  await server.call(1).refuse(new ApiError(unreachable))
  await server.call(2).accept()
  await server.call(3).accept()
  expect(figures()).toMatchObject({ failed: 100, queued: 0, sending: 0 })

  queue.retryFailed()
  expect(server.call(4).files).toEqual(server.call(1).files)
  await server.call(4).accept()
  expect(queue.getUploads()).toEqual([])
})

test('while no batch could be opened nothing else is sent, and a retry opens it', async () => {
  const { server, queue } = startUpload(310)
  await server.call(0).refuse(refusal(503, 'database_busy'))
  expect(server.calls).toHaveLength(1)
  queue.retryFailed()
  expect(server.call(1).batchId).toBeNull()
  await server.call(1).accept()
  expect(server.calls).toHaveLength(4)
})

test('a first request without a single image leaves the batch to the next', async () => {
  const { server } = startUpload(20)
  await server.call(0).refuse(refusal(422, 'nothing_accepted'))
  expect(server.call(1).batchId).toBeNull()
})

test('files that are refused stay to be read, and are not sent again', async () => {
  const { server, queue } = startUpload(5)
  await server.call(0).accept(2)
  expect(queue.getUploads()[0]).toMatchObject({ accepted: 3, rejected: [{}, {}] })
  queue.retryFailed()
  expect(server.calls).toHaveLength(1)
  queue.dismiss()
  expect(queue.getUploads()).toEqual([])
})

test('dismissing takes back what has not left yet', async () => {
  const { server, queue } = startUpload(410)
  await server.call(0).accept()
  queue.dismiss()
  await server.call(1).accept()
  await server.call(2).accept()
  expect(server.calls).toHaveLength(3)
  expect(queue.getUploads()).toEqual([])
})

test('progress is told by bytes', async () => {
  const { server, figures } = startUpload(20)
  await server.call(0).accept()
  server.call(1).onProgress(5000)
  expect(figures().progress).toBe(0.75)
})

test('without a session nothing more is sent until somebody has logged in and tries again', async () => {
  const { server, queue, onLoggedOut, figures } = startUpload(410)
  await server.call(0).accept()
  await server.call(1).refuse(refusal(401, 'not_authenticated'))
  expect(onLoggedOut).toHaveBeenCalledOnce()
  await server.call(2).accept()
  expect(server.calls).toHaveLength(3)
  expect(figures()).toMatchObject({ failed: 300, queued: 0, sending: 0 })

  queue.retryFailed()
  expect(server.calls).toHaveLength(5)
})

test('what was cleared is not heard of again, whatever its answer', async () => {
  const { server, queue, onAnswer, onLoggedOut } = startUpload(410)
  await server.call(0).accept()
  queue.clear()
  onAnswer.mockClear()
  await server.call(1).accept()
  await server.call(2).refuse(refusal(401, 'not_authenticated'))
  expect(server.calls).toHaveLength(3)
  expect(queue.getUploads()).toEqual([])
  expect(onAnswer).not.toHaveBeenCalled()
  expect(onLoggedOut).not.toHaveBeenCalled()
})
