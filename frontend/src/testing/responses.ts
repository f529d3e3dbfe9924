import { HttpResponse, type JsonBodyType } from 'msw'

export function problemResponse(status: number, code: string, detail: string, more: object = {}) {
  const problem = {
    type: 'about:blank',
    title: 'Refused',
    status,
    code,
    detail,
    request_id: 'req-7f3a',
  }
  return HttpResponse.json({ ...problem, ...more } as JsonBodyType, { status })
}

export function found(body: JsonBodyType | undefined) {
  if (body !== undefined) return HttpResponse.json(body)
  return problemResponse(404, 'not_found', 'There is nothing of yours at this address.')
}
