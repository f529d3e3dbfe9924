import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test } from 'vitest'

import { show } from '@/testing/show'

import { UserMenu } from '../components/user-menu'

async function openMenu(is_staff: boolean) {
  show(
    <QueryClientProvider client={new QueryClient()}>
      <UserMenu
        user={{ username: 'maria', is_staff }}
        unsentFiles={0}
        onLoggedOut={() => undefined}
      />
    </QueryClientProvider>,
  )
  await userEvent.click(screen.getByRole('button', { name: 'You and this screen' }))
  await screen.findByRole('menuitem', { name: 'Log out' })
}

test('the menu leads staff to the status of the system', async () => {
  await openMenu(true)
  expect(screen.getByRole('menuitem', { name: 'System status' })).toHaveAttribute(
    'href',
    '/admin/status/',
  )
})

test('the menu begins at its first item and holds nothing but items', async () => {
  await openMenu(true)
  const menu = screen.getByRole('menu')
  expect(menu.querySelector('[role="presentation"]')).toBeNull()
  await waitFor(() => {
    expect(screen.getAllByRole('menuitem')[0]).toHaveFocus()
  })
})

test('who is no staff is not led to where they may not go', async () => {
  await openMenu(false)
  expect(screen.queryByRole('menuitem', { name: 'System status' })).toBeNull()
  expect(screen.queryByRole('menuitem', { name: 'Administration' })).toBeNull()
})
