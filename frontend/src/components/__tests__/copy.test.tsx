import { fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'

import { CodeExample } from '@/components/code-example'
import { CopyText } from '@/components/copy-text'
import { show } from '@/testing/show'

/** Over plain HTTP there is no `navigator.clipboard`, as there is none here. */
function copyOldWay(works: boolean) {
  const copied: string[] = []
  const execCommand = vi.fn(() => {
    const field = document.activeElement
    if (field instanceof HTMLTextAreaElement) copied.push(field.value)
    return works
  })
  Object.assign(document, { execCommand })
  return copied
}

afterEach(() => {
  Reflect.deleteProperty(document, 'execCommand')
})

test('without a clipboard a text is copied the old way', async () => {
  const copied = copyOldWay(true)
  show(<CopyText label="Request id" text="req-1" />)
  fireEvent.click(screen.getByRole('button'))
  expect(await screen.findByText('Copied')).toBeInTheDocument()
  expect(copied).toEqual(['req-1'])
  expect(document.querySelector('textarea')).toBeNull()
})

test('a text that cannot be copied is said not to be', async () => {
  copyOldWay(false)
  show(<CopyText label="Request id" text="req-1" />)
  fireEvent.click(screen.getByRole('button'))
  expect(await screen.findByText(/^Not copied/)).toBeVisible()
})

test('code is copied the old way too, and says when it was not', async () => {
  const copied = copyOldWay(true)
  show(<CodeExample code="curl" />)
  fireEvent.click(screen.getByRole('button', { name: 'Copy the code' }))
  expect(await screen.findByRole('button', { name: 'Copied' })).toBeVisible()
  expect(copied).toEqual(['curl'])

  copyOldWay(false)
  fireEvent.click(screen.getByRole('button', { name: 'Copied' }))
  expect(await screen.findByRole('button', { name: /^Not copied/ })).toBeVisible()
})
