import { expect, test } from 'vitest'

import { fileOf, filesOf } from '@/testing/files'

import { nameLoose, planRequests, suggestName } from '../plan'

const small = { files: 2, bytes: 1000 }
const large = { files: 3, bytes: 1000 }

test('every file travels once, in its order, a hundred at most in a request', () => {
  const files = filesOf(340)
  const requests = planRequests(files)
  expect(requests.flat()).toEqual(files)
  expect(requests.map((request) => request.length)).toEqual([10, 100, 100, 100, 30])
})

test('the first request is small, so that the batch opens at once', () => {
  const requests = planRequests(filesOf(8, 10), small, large)
  expect(requests.map((request) => request.length)).toEqual([2, 3, 3])
})

test('a request stays under its bytes', () => {
  const requests = planRequests(filesOf(5, 400), large, large)
  expect(requests.map((request) => request.length)).toEqual([2, 2, 1])
})

test('a file over the limit travels alone and takes no other down with it', () => {
  const files = [fileOf('a.jpg', 10), fileOf('faces.zip', 5000), fileOf('b.jpg', 10)]
  expect(planRequests(files, large, large)).toEqual([[files[0]], [files[1]], [files[2]]])
})

test('nothing dropped is nothing to send', () => {
  expect(planRequests([])).toEqual([])
})

test('a folder and an archive give the batch their name, loose photos do not', () => {
  const inFolder = Object.assign(fileOf('a.jpg'), { relativePath: './Nov intake/2/a.jpg' })
  expect(suggestName([inFolder])).toBe('Nov intake')
  expect(suggestName([fileOf('Press.zip')])).toBe('Press')
  expect(suggestName([fileOf('a.jpg'), fileOf('b.jpg')])).toBe('')
  expect(suggestName([inFolder, fileOf('b.jpg')])).toBe('')
})

test('several loose files without a name are called by their number and the local time', () => {
  const [a, b] = [fileOf('a.jpg'), fileOf('b.jpg')]
  const morning = new Date(2026, 10, 27, 8, 5)
  expect(nameLoose([a, b], morning)).toBe('2 files, 27 Nov 2026, 08:05')
  expect(nameLoose([a], morning)).toBe('')
})
