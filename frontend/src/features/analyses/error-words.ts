import { formatRange, formatInterval, type Interval } from '@/lib/error-rates'
import { formatCount, formatShare } from '@/lib/numbers'

import type { Analysis } from './api/get-analysis'

type Judged = Pick<Analysis, 'verdict' | 'error_rate' | 'bands'>

const unmeasured = 'How often this model errs on images like this one was not measured.'
const newKinds = 'New kinds of fakes are missed more often.'

/** How often a verdict like this one is wrong: on images of this quality, else on all, else said to be unknown. */
export function errorWords({ verdict, error_rate: rate, bands }: Judged): string | null {
  switch (verdict) {
    case 'fake':
      if (rate) {
        return `False alarms: ${odds(rate.false_alarms, rate.reals)} real photos of this quality (${formatRange(rate.false_alarms)})`
      }
      if (!bands) return unmeasured
      return `False alarms: at most ${formatShare(bands.false_alarm_bound)} of real photos, all qualities together`
    case 'real':
      if (rate) {
        return `Missed: ${odds(rate.misses, rate.fakes)} fakes of this quality (${formatRange(rate.misses)}). ${newKinds}`
      }
      if (!bands) return unmeasured
      return `Missed: at most ${formatShare(bands.miss_bound)} of fakes, all qualities together. ${newKinds}`
    case 'inconclusive':
      return (
        rate &&
        `This model gives a clear verdict on ${formatInterval(rate.coverage)} of images of this quality.`
      )
    default:
      return null
  }
}

/** `about 1 in 200`, two significant figures; large shares in per cent, and none by the number of images. */
function odds({ value }: Interval, images: number): string {
  if (value === 0) return `none of ${formatCount(images)}`
  if (value > 0.2) return `${formatShare(value)} of`
  return `about 1 in ${formatCount(Number((1 / value).toPrecision(2)))}`
}
