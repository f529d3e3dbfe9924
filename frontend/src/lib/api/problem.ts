import type { components } from './schema'

export type Problem = components['schemas']['Problem']

/** An answer that is not what was asked for, in the server's own words. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail)
    this.name = 'ApiError'
  }
}

/** The connection failed before an answer came: there is no request id to show. */
export const unreachable: Problem = {
  type: 'about:blank',
  title: 'No answer from the server',
  status: 0,
  detail:
    'The connection failed before an answer came. What was accepted before is safe. Check that Assay is running, then try again.',
  code: 'unreachable',
  request_id: '',
}

/** Reads an error body; a proxy's HTML page becomes a problem with its status as well. */
export function toProblem(body: unknown, status: number, requestId: string): Problem {
  if (isProblem(body)) return body
  return {
    type: 'about:blank',
    title: `The server answered ${status}`,
    status,
    detail:
      'Something between here and the server gave an answer that cannot be read. What was accepted before is safe; try again, and pass the request id on if it stays.',
    code: 'unreadable_answer',
    request_id: requestId,
  }
}

/** What was thrown, as a problem that can be shown. */
export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : unreachable
}

/** Whether the server no longer knows who is asking. */
export function isLoggedOut({ code }: Problem): boolean {
  return code === 'not_authenticated'
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body
}
