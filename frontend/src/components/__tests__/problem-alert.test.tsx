import { screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf, toProblem, unreachable } from '@/lib/api/problem'
import { show } from '@/testing/show'

const storageFull = {
  type: 'about:blank',
  title: 'Disk full',
  status: 507,
  detail: 'There is no room for more images. Nothing of this request was kept; free space.',
  code: 'storage_full',
  request_id: 'req-7f3a',
}

test('an error tells what happened and gives the request id to copy', async () => {
  const user = userEvent.setup()
  show(<ProblemAlert problem={storageFull} />)
  expect(screen.getByRole('alert')).toHaveTextContent(storageFull.detail)
  await user.click(screen.getByRole('button', { name: /req-7f3a/ }))
  expect(await navigator.clipboard.readText()).toBe('req-7f3a')
})

test('an error that may pass offers another try', async () => {
  const retry = vi.fn()
  show(<ProblemAlert problem={storageFull} onRetry={retry} />)
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(retry).toHaveBeenCalledOnce()
})

test('a dropped connection has no request id, and says that nothing is lost', () => {
  show(<ProblemAlert problem={problemOf(new TypeError('Failed to fetch'))} />)
  expect(screen.getByRole('alert')).toHaveTextContent(unreachable.detail)
  expect(screen.queryByRole('button')).toBeNull()
})

test("a proxy's page becomes a problem with its status and request id", () => {
  const problem = toProblem('<html>', 502, 'req-1')
  expect(problem).toMatchObject({ status: 502, code: 'unreadable_answer', request_id: 'req-1' })
})
