import { Button, Checkbox, Group, Modal, NativeSelect, Text, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'

import { CopyText } from '@/components/copy-text'
import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'
import { formText } from '@/lib/form-text'

import { useCreateToken } from '../api/create-token'
import { endOf, lifetimes, usualLifetime } from '../lifetimes'
import { everydayScopes, scopesFor, wordsOf, type Scope } from '../scopes'
import classes from './tokens.module.css'

/** Asks for a token and shows it the one time it can be seen. */
export function CreateToken({ isStaff }: { isStaff: boolean }) {
  const createToken = useCreateToken()
  const [scopes, setScopes] = useState<readonly Scope[]>(everydayScopes)

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const expires_at = endOf(formText(form, 'lifetime'), Date.now())
    createToken.mutate(
      { name: formText(form, 'name'), scopes: [...scopes], expires_at },
      {
        onSuccess: () => {
          form.reset()
          setScopes(everydayScopes)
        },
      },
    )
  }

  return (
    <div>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          name="name"
          aria-label="Name of the new token"
          placeholder="For example: intake script"
          maxLength={100}
          required
        />
        <NativeSelect
          name="lifetime"
          aria-label="How long the new token lasts"
          data={lifetimes}
          defaultValue={usualLifetime}
        />
        <Button type="submit" loading={createToken.isPending} disabled={scopes.length === 0}>
          Create token
        </Button>
        <Checkbox.Group
          className={classes.scopes ?? ''}
          label="It may"
          value={[...scopes]}
          onChange={(chosen) => {
            setScopes(chosen)
          }}
          error={scopes.length === 0 && 'Choose what the program needs to do.'}
        >
          <Group gap="8px 20px" mt={4}>
            {scopesFor(isStaff).map((scope) => (
              <Checkbox key={scope} value={scope} label={wordsOf(scope)} />
            ))}
          </Group>
        </Checkbox.Group>
      </form>
      {createToken.error && <ProblemAlert problem={problemOf(createToken.error)} />}
      <NewToken token={createToken.data?.token} onTaken={createToken.reset} />
    </div>
  )
}

type NewTokenProps = { token: string | undefined; onTaken: () => void }

/** Goes away only when somebody says so: the token cannot be had again. */
function NewToken({ token = '', onTaken }: NewTokenProps) {
  return (
    <Modal
      opened={token !== ''}
      onClose={onTaken}
      title="Copy the token now"
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
    >
      <Text mb="sm">It is shown this once: only its hash is kept.</Text>
      <TextInput
        classNames={{ input: classes.token ?? '' }}
        aria-label="The new token"
        value={token}
        readOnly
        data-autofocus
        onFocus={(event) => {
          event.currentTarget.select()
        }}
      />
      <CopyText label="Copy the token" text={token} shown="" />
      <Button fullWidth mt="lg" onClick={onTaken}>
        I have it
      </Button>
    </Modal>
  )
}
