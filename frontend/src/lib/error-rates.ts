import type { components } from './api/schema'
import { formatCount, formatShare } from './numbers'

type Schemas = components['schemas']
export type Bands = Schemas['Bands']
export type ErrorRate = Schemas['ErrorRate']
export type Interval = Schemas['Interval']

/** `0.9 % (0.4–1.8 %)`, the share with its 95 % interval. */
export function formatInterval({ value, low, high }: Interval): string {
  return `${formatShare(value)} (${formatRange({ low, high })})`
}

export function formatRange({ low, high }: Pick<Interval, 'low' | 'high'>): string {
  return `${(low * 100).toFixed(1)}–${formatShare(high)}`
}

/** How the limits between the verdicts came about, and what they reach. */
export function bandWords(bands: Bands): string {
  return (
    `Limits set so that at most ${formatShare(bands.false_alarm_limit, 0)} of photographs are called fake and ${formatShare(bands.miss_limit, 0)} of fakes real. ` +
    `Reached, at worst (95 % sure): ${formatShare(bands.false_alarm_bound)} of ${formatCount(bands.reals)} photographs and ${formatShare(bands.miss_bound)} of ${formatCount(bands.fakes)} fakes.`
  )
}
