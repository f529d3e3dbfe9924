import { Anchor, Code, Text, Title } from '@mantine/core'
import { useRouteContext } from '@tanstack/react-router'

import { CodeExample } from '@/components/code-example'
import { Tokens } from '@/features/tokens/components/tokens'
import sendFolder from '@/features/tokens/examples/send_folder.py?raw'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './page.module.css'

export function IntegrationsPage() {
  const { origin } = window.location
  usePageTitle('Integrations')
  const { user } = useRouteContext({ from: '/desk' })
  return (
    <div className={classes.narrow}>
      <Title order={1} className={classes.title ?? ''}>
        Integrations
      </Title>
      <section>
        <Title order={2}>API tokens</Title>
        <Text c="dimmed" mb="md">
          A token lets a program send images as you. Revoke it when the program no longer needs it.
        </Text>
        <Tokens isStaff={user.is_staff} />
      </section>
      <section className={classes.section}>
        <Title order={2} mb="xs">
          One image, answered at once
        </Title>
        <CodeExample
          code={`curl -H "Authorization: Bearer $ASSAY_TOKEN" \\
     -F image=@face.jpg ${origin}/predict`}
        />
        <Text c="dimmed" size="sm" mt="xs">
          <Code>$ASSAY_TOKEN</Code> stands for a token made above, here and below. The answer is{' '}
          <Code>REAL</Code> or <Code>FAKE</Code> whatever the score; the header{' '}
          <Code>X-Verdict</Code> has the dashboard&apos;s verdict, <Code>inconclusive</Code> and{' '}
          <Code>not_assessed</Code> among them; <Code>X-Strength</Code>,{' '}
          <Code>X-Likelihood-Ratio</Code> and <Code>X-Lean</Code> say how strongly it is supported,
          or which way it leans.
        </Text>
      </section>
      <section className={classes.section}>
        <Title order={2} mb="xs">
          A batch, analysed in the background
        </Title>
        <CodeExample
          code={`curl -H "Authorization: Bearer $ASSAY_TOKEN" \\
     -F name="Nov intake" -F images=@one.jpg -F images=@two.jpg -F images=@more.zip \\
     ${origin}/api/v1/batches`}
        />
        <Text c="dimmed" size="sm" mt="xs">
          The answer says per file whether it was accepted. The rest is in the{' '}
          <Anchor href="/api/v1/schema" inherit>
            OpenAPI schema
          </Anchor>
          .
        </Text>
      </section>
      <section className={classes.section}>
        <Title order={2} mb="xs">
          A folder, by a program
        </Title>
        <Text c="dimmed" size="sm" mb="xs">
          Sends every file, waits while the server is busy, sends nothing twice, and prints a line
          for each image. Python, with <Code>requests</Code>.
        </Text>
        <CodeExample code={sendFolder.trimEnd().replace('http://127.0.0.1:8000', origin)} />
      </section>
    </div>
  )
}
