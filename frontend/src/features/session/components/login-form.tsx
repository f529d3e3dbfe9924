import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useEffect, useRef, type SubmitEvent } from 'react'

import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'
import { formText } from '@/lib/form-text'

import { useLogIn } from '../api/log-in'

export function LoginForm({ onLoggedIn }: { onLoggedIn: () => void }) {
  const logIn = useLogIn()
  const userName = useRef<HTMLInputElement>(null)
  useEffect(() => {
    userName.current?.focus()
  }, [])

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    logIn.mutate(
      { username: formText(form, 'username'), password: formText(form, 'password') },
      { onSuccess: onLoggedIn },
    )
  }

  return (
    <form onSubmit={submit} data-testid="login-form">
      <Stack gap="md">
        <TextInput
          ref={userName}
          name="username"
          label="User name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          size="md"
          required
          withAsterisk={false}
        />
        <PasswordInput
          name="password"
          label="Password"
          autoComplete="current-password"
          size="md"
          required
          withAsterisk={false}
        />
        {logIn.error && <ProblemAlert problem={problemOf(logIn.error)} />}
        <Button type="submit" size="md" loading={logIn.isPending}>
          Log in
        </Button>
      </Stack>
    </form>
  )
}
