import { Button, Modal, Text, TextInput } from '@mantine/core'
import type { SubmitEvent } from 'react'

import { CopyText } from '@/components/copy-text'
import { ProblemAlert } from '@/components/problem-alert'
import { problemOf } from '@/lib/api/problem'
import { formText } from '@/lib/form-text'

import { useCreateToken } from '../api/create-token'
import classes from './tokens.module.css'

/** Asks for a token and shows it the one time it can be seen. */
export function CreateToken() {
  const createToken = useCreateToken()

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    createToken.mutate(formText(form, 'name'), {
      onSuccess: () => {
        form.reset()
      },
    })
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
        <Button type="submit" loading={createToken.isPending}>
          Create token
        </Button>
      </form>
      {createToken.error && <ProblemAlert problem={problemOf(createToken.error)} />}
      <Modal
        opened={createToken.isSuccess}
        onClose={createToken.reset}
        title="Copy the token now"
        closeOnClickOutside={false}
        size="lg"
      >
        <Text mb="sm">It is shown this once: only its hash is kept.</Text>
        <CopyText label="" text={createToken.data?.token ?? ''} />
        <Button fullWidth mt="lg" onClick={createToken.reset}>
          I have it
        </Button>
      </Modal>
    </div>
  )
}
