const dayInMilliseconds = 86_400_000

/** How long a token may last, in days; the empty value is no end. */
export const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'No end' },
]

export const usualLifetime = '90'

/** The moment a token made now ends, or null where it has no end. */
export function endOf(lifetime: string, now: number): string | null {
  return lifetime ? new Date(now + Number(lifetime) * dayInMilliseconds).toISOString() : null
}
