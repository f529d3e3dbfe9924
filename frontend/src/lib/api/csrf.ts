/** Django's proof that a request comes from our own page: its cookie, said again in a header. */
export function csrfHeader(): Record<string, string> {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1]
  return token ? { 'X-CSRFToken': token } : {}
}
