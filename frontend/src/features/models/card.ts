import type { Bands, ErrorRate, Interval } from '@/lib/error-rates'
import type { LikelihoodRatio } from '@/lib/strengths'

export type Thresholds = { real_below: number; fake_from: number }

/** The probability an image's own result keeps, by the order its regions go in. */
type Areas = Record<'map' | 'random' | 'centre', Interval>

export type Faithfulness = { n: number; deletion: Areas; insertion: Areas }

/** The likelihood ratio of scores between two, and the images it was measured on. */
export type StrengthBand = {
  score_low: number
  score_high: number
  likelihood_ratio: LikelihoodRatio
  fakes: number
  reals: number
}

type Engine = {
  thresholds: Thresholds
  bands?: Bands | null
  strength_scale?: StrengthBand[] | null
}

/** What the screens read of a bundle's card; an older card has less on it. */
export type Card = {
  trained_on: string
  limits: string[]
  input: { size: number }
  engines: Record<string, Engine | undefined>
  error_rates?: ErrorRate[]
  faithfulness?: Faithfulness | null
}

/** The card of a version: the server has checked it when it took the bundle in. */
export function cardOf({ card }: { card: Record<string, unknown> }): Card {
  return card as Card
}
