import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  redirect,
  type ParsedLocation,
} from '@tanstack/react-router'

import { parseView } from '@/features/analyses/view'
import { sessionQuery, type User } from '@/features/session/api/get-session'

import { AnalysisPage } from './routes/analysis-page'
import { BatchPage } from './routes/batch-page'
import { BatchesPage } from './routes/batches-page'
import { HomePage } from './routes/home-page'
import { IntegrationsPage } from './routes/integrations-page'
import { LoginPage } from './routes/login-page'
import { ModelVersionPage } from './routes/model-version-page'
import { ModelsPage } from './routes/models-page'
import { NotFoundPage } from './routes/not-found-page'
import { PendingPage } from './routes/pending-page'
import { RouteError } from './routes/route-error'
import { Desk } from './shell/desk'

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: NotFoundPage,
  errorComponent: RouteError,
})

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  component: LoginPage,
  validateSearch: ({ next }: Record<string, unknown>): { next?: string } =>
    isOwnPath(next) ? { next } : {},
  pendingComponent: PendingPage,
  beforeLoad: async ({ context, search }) => {
    const user = await whoIsHere(context.queryClient)
    if (user) throw redirect({ href: search.next ?? '/', replace: true })
  },
})

/** Everything but the login stands behind it. */
const deskRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'desk',
  component: Desk,
  pendingComponent: PendingPage,
  beforeLoad: async ({ context, location }) => {
    const user = await whoIsHere(context.queryClient)
    if (!user) {
      throw redirect({
        to: '/login',
        search: location.href === '/' ? {} : { next: location.href },
      })
    }
    return { user }
  },
})

const homeRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/',
  component: HomePage,
})

const batchesRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/batches',
  component: BatchesPage,
})

const batchRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/batches/$batchId',
  component: BatchPage,
  validateSearch: parseView,
})

const analysisRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/batches/$batchId/analyses/$analysisId',
  component: AnalysisPage,
  validateSearch: parseView,
})

const modelsRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/models',
  component: ModelsPage,
})

const modelVersionRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/models/$version',
  component: ModelVersionPage,
})

/** Where the one model was shown before there were several. */
const modelRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/model',
  beforeLoad: () => {
    throw redirect({ to: '/models' })
  },
})

const integrationsRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/integrations',
  component: IntegrationsPage,
})

const routeTree = rootRoute.addChildren([
  loginRoute,
  deskRoute.addChildren([
    homeRoute,
    batchesRoute,
    batchRoute,
    analysisRoute,
    modelRoute,
    modelsRoute,
    modelVersionRoute,
    integrationsRoute,
  ]),
])

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    scrollRestoration: true,
    getScrollRestorationKey: placeKey,
  })
}

/** A batch is found again where it was left, by whatever way one comes back to it; else only "back" does that. */
function placeKey({ pathname, href, state }: ParsedLocation): string {
  return /^\/batches\/[^/]+$/.test(pathname) ? href : (state.__TSR_key ?? href)
}

async function whoIsHere(queryClient: QueryClient): Promise<User | null> {
  const { user } = await queryClient.query({ ...sessionQuery, staleTime: 'static' })
  return user
}

/** Only a path of this site: `//elsewhere` would lead a person off it after the login. */
function isOwnPath(next: unknown): next is string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next)
}

declare module '@tanstack/react-router' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- merging needs an interface
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
