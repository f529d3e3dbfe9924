import { screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'

/** Fills in the login that is on the screen. */
export async function logIn(username: string) {
  await userEvent.type(await screen.findByLabelText('User name'), username)
  await userEvent.type(screen.getByLabelText('Password'), 'right')
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }))
  await screen.findByRole('button', { name: 'You and this screen' })
}
