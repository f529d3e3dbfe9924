import { formatInterval } from '@/lib/error-rates'
import { formatCount, formatShare } from '@/lib/numbers'

import type { Analysis } from './api/get-analysis'

type Judged = Pick<Analysis, 'verdict' | 'error_rate' | 'bands'>

const unmeasured = 'How often this model errs on images like this one was not measured.'
const kinds = 'All were of the kinds it was trained on; of other kinds more pass.'

/** How often a verdict like this one is wrong: on images of this quality, else on all, else said to be unknown. */
export function errorWords({ verdict, error_rate: rate, bands }: Judged): string | null {
  switch (verdict) {
    case 'fake':
      if (rate) {
        return `Of ${formatCount(rate.reals)} photographs of this quality this model wrongly calls ${formatInterval(rate.false_alarms)} fake.`
      }
      if (!bands) return unmeasured
      return `Of ${formatCount(bands.reals)} photographs of all qualities this model calls at most ${formatShare(bands.false_alarm_bound)} fake (95 % sure).`
    case 'real':
      if (rate) {
        return `Of ${formatCount(rate.fakes)} fakes of this quality this model wrongly calls ${formatInterval(rate.misses)} real. ${kinds}`
      }
      if (!bands) return unmeasured
      return `Of ${formatCount(bands.fakes)} fakes of all qualities this model calls at most ${formatShare(bands.miss_bound)} real (95 % sure). ${kinds}`
    case 'inconclusive':
      return (
        rate &&
        `Of ${formatCount(rate.reals + rate.fakes)} images of this quality this model gives a clear verdict on ${formatInterval(rate.coverage)}.`
      )
    default:
      return null
  }
}
