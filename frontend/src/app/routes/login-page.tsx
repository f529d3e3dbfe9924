import { Text, Title } from '@mantine/core'
import { getRouteApi, useRouter } from '@tanstack/react-router'

import { LoginForm } from '@/features/session/components/login-form'
import { usePageTitle } from '@/lib/use-page-title'

import classes from './alone.module.css'

const route = getRouteApi('/login')

export function LoginPage() {
  const { next = '/' } = route.useSearch()
  const router = useRouter()
  usePageTitle('Log in')
  return (
    <main className={classes.page}>
      <div className={classes.panel}>
        <img src="/favicon.svg" alt="" width={40} height={40} />
        <Title order={1} mt="md">
          Assay
        </Title>
        <Text c="dimmed" mb="lg">
          Tells synthetic face images from photographs.
        </Text>
        <LoginForm
          onLoggedIn={() => {
            router.history.replace(next)
          }}
        />
      </div>
    </main>
  )
}
