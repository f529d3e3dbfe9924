import { Anchor, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'

export function NotFoundPage() {
  return (
    <main style={{ padding: 32 }}>
      <Title order={1}>Nothing here</Title>
      <Text mt="xs">
        This address leads nowhere. Nothing was changed; your batches are on{' '}
        <Anchor component={Link} to="/batches">
          the list of batches
        </Anchor>
        .
      </Text>
    </main>
  )
}
