import type { Bands, ErrorRate, Interval } from '@/lib/error-rates'

export type Thresholds = { real_below: number; fake_from: number }

/** The probability an image's own result keeps, by the order its regions go in. */
type Areas = Record<'map' | 'random' | 'centre', Interval>

export type Faithfulness = { n: number; deletion: Areas; insertion: Areas }

/** What the screens read of a bundle's card; an older card has less on it. */
export type Card = {
  trained_on: string
  limits: string[]
  input: { size: number }
  engines: Record<string, { thresholds: Thresholds; bands?: Bands | null } | undefined>
  error_rates?: ErrorRate[]
  faithfulness?: Faithfulness | null
}

/** The card of a version: the server has checked it when it took the bundle in. */
export function cardOf({ card }: { card: Record<string, unknown> }): Card {
  return card as Card
}
