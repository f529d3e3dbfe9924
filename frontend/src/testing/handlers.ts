import { http, HttpResponse } from 'msw'

import type { components } from '@/lib/api/schema'

import type { MockDesk } from './mock-desk.ts'
import { modelHandlers } from './model-handlers.ts'
import { found, problemResponse } from './responses.ts'

type Schemas = components['schemas']

/** The server's addresses over a mock desk, for the tests and for looking at screens without a server. */
export function handlersOf(desk: MockDesk) {
  return [
    ...sessionHandlers(desk),
    ...batchHandlers(desk),
    ...analysisHandlers(desk),
    ...tokenHandlers(desk),
    ...modelHandlers(desk),
  ]
}

function sessionHandlers(desk: MockDesk) {
  return [
    http.get('*/api/v1/session', () => HttpResponse.json({ user: desk.user })),
    http.post('*/api/v1/session', async ({ request }) => {
      const { username, password } = (await request.json()) as Schemas['CredentialsRequest']
      if (password === 'wrong') {
        return problemResponse(401, 'login_failed', 'The user name or the password is not right.')
      }
      desk.user = { username, is_staff: false }
      return HttpResponse.json({ user: desk.user })
    }),
    http.delete('*/api/v1/session', () => {
      desk.user = null
      return new HttpResponse(null, { status: 204 })
    }),
  ]
}

function batchHandlers(desk: MockDesk) {
  const answer = (batchId: string, names: string[]) => {
    const rejected = names
      .filter((name) => name.endsWith('.txt'))
      .map((filename) => ({
        filename,
        code: 'unsupported_format',
        detail:
          'This is not an image we can read. Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file.',
      }))
    const accepted = names.filter((name) => !name.endsWith('.txt'))
    return { batchId, accepted, rejected }
  }
  const respond = async (request: Request, batchId: string | null) => {
    const form = await request.formData()
    const names = form.getAll('images').map((image) => (image as File).name)
    const { accepted, rejected } = answer(batchId ?? '', names)
    if (accepted.length === 0) {
      return problemResponse(422, 'nothing_accepted', 'None of the files can be analysed.', {
        rejected,
      })
    }
    const id = batchId ?? desk.open(form.get('name') as string, [])
    desk.append(id, accepted)
    return HttpResponse.json(
      {
        batch: desk.batch(id),
        accepted: accepted.map((filename) => ({ filename, analysis: id })),
        rejected,
      },
      { status: 202 },
    )
  }
  return [
    http.get('*/api/v1/batches', () =>
      HttpResponse.json({ next_cursor: null, results: desk.batches() }),
    ),
    http.post('*/api/v1/batches', ({ request }) => respond(request, null)),
    http.post('*/api/v1/batches/:id/images', ({ request, params }) =>
      respond(request, String(params.id)),
    ),
    http.post('*/api/v1/batches/:id/reanalyse', async ({ request, params }) => {
      const choice = (await request.json()) as Schemas['ReanalysisRequest']
      const made = desk.repeat(String(params.id), choice)
      return HttpResponse.json(made, { status: 202 })
    }),
    ...lifecycleHandlers(desk),
    http.get('*/api/v1/batches/:id/comparison', ({ params }) =>
      HttpResponse.json(desk.comparison(String(params.id))),
    ),
    http.get('*/api/v1/batches/:id', ({ params }) => found(desk.batch(String(params.id)))),
  ]
}

function lifecycleHandlers(desk: MockDesk) {
  return [
    http.post('*/api/v1/batches/:id/pause', ({ params }) =>
      found(desk.hold(String(params.id), 'paused')),
    ),
    http.post('*/api/v1/batches/:id/cancel', ({ params }) =>
      found(desk.hold(String(params.id), 'cancelled')),
    ),
    http.post('*/api/v1/batches/:id/resume', ({ params }) => found(desk.hold(String(params.id)))),
    http.post('*/api/v1/batches/:id/retry', ({ params }) => found(desk.hold(String(params.id)))),
    http.delete('*/api/v1/batches/:id', ({ params }) => found(desk.delete(String(params.id)))),
    http.get('*/api/v1/batches/:id/exports', ({ params }) =>
      HttpResponse.json({ results: desk.exports(String(params.id)) }),
    ),
    http.post('*/api/v1/batches/:id/exports', async ({ request, params }) => {
      const body = (await request.json()) as Schemas['ExportRequestRequest']
      return HttpResponse.json(desk.export(String(params.id), body), { status: 202 })
    }),
  ]
}

function analysisHandlers(desk: MockDesk) {
  return [
    http.get('*/api/v1/analyses', ({ request }) => {
      const query = new URL(request.url).searchParams
      const rows = select(desk.rows(query.get('batch') ?? ''), query)
      const start = Number(query.get('cursor') ?? 0)
      const end = start + Number(query.get('limit') ?? 100)
      return HttpResponse.json({
        next_cursor: end < rows.length ? String(end) : null,
        results: rows.slice(start, end),
      })
    }),
    http.get('*/api/v1/analyses/:id', ({ params }) => found(desk.analysis(String(params.id)))),
    http.get('*/api/v1/analyses/:id/evidence', ({ request, params }) => {
      const isPlaceAsked = new URL(request.url).searchParams.get('gps') === 'true'
      if (isPlaceAsked && !desk.user?.is_staff) {
        return problemResponse(403, 'permission_denied', 'Only staff may see where it was taken.')
      }
      return found(desk.evidence(String(params.id), isPlaceAsked))
    }),
    http.get('*/api/v1/analyses/:id/:size', ({ params }) => drawFace(String(params.id))),
  ]
}

function select(rows: Schemas['AnalysisRow'][], query: URLSearchParams) {
  const kept = rows.filter(
    ({ verdict, state }) =>
      (!query.has('verdict') || verdict === query.get('verdict')) &&
      (!query.has('state') || state === query.get('state')),
  )
  const sign = { fake_probability: 1, '-fake_probability': -1 }[query.get('ordering') ?? '']
  if (!sign) return kept
  return kept.sort(
    (a, b) => sign * ((a.fake_probability ?? sign * 2) - (b.fake_probability ?? sign * 2)),
  )
}

function tokenHandlers(desk: MockDesk) {
  return [
    http.get('*/api/v1/tokens', () => HttpResponse.json({ results: desk.tokens })),
    http.post('*/api/v1/tokens', async ({ request }) => {
      const { name, scopes, expires_at } = (await request.json()) as Schemas['NewTokenRequest']
      const token = {
        id: String(desk.tokens.length),
        name,
        prefix: 'assay_4kd9',
        created_at: new Date().toISOString(),
        last_used_at: null,
        scopes,
        expires_at: expires_at ?? null,
      }
      desk.tokens = [token, ...desk.tokens]
      return HttpResponse.json(
        { ...token, token: 'assay_4kd9Xm2PqLr8VtYw3ZsNb6Hc1Jf5Gd7K' },
        { status: 201 },
      )
    }),
    http.delete('*/api/v1/tokens/:id', ({ params }) => {
      desk.tokens = desk.tokens.filter(({ id }) => id !== params.id)
      return new HttpResponse(null, { status: 204 })
    }),
  ]
}

function drawFace(id: string) {
  const place = Number(id.split('_').at(-1))
  if (place % 40 === 7) return new HttpResponse(null, { status: 404 })
  const height = place % 5 === 0 ? 192 : 256
  const hue = (place * 47) % 360
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 ${height}" width="1024" height="${height * 4}" preserveAspectRatio="none">
    <rect width="256" height="${height}" fill="hsl(${hue} 25% 45%)"/>
    <ellipse cx="128" cy="110" rx="52" ry="66" fill="hsl(${20 + (place % 20)} 45% ${45 + (place % 4) * 9}%)"/>
    <rect x="48" y="176" width="160" height="120" rx="60" fill="hsl(${hue + 120} 30% 30%)"/>
    <circle cx="108" cy="100" r="6"/><circle cx="148" cy="100" r="6"/>
    <path d="M104 138q24 18 48 0" fill="none" stroke="#000" stroke-width="5"/></svg>`
  return new HttpResponse(svg, { headers: { 'Content-Type': 'image/svg+xml' } })
}
