import type { components } from './api/schema'
import { formatCount } from './numbers'

export type Strength = components['schemas']['Strength']
export type LikelihoodRatio = components['schemas']['LikelihoodRatio']
type Level = 'strong' | 'moderate' | 'weak'

/** What a strength says in words. */
export const strengthWords: Record<Strength, string> = {
  strong_synthetic: 'Strong support for a synthetic face',
  moderate_synthetic: 'Moderate support for a synthetic face',
  weak_synthetic: 'Weak support for a synthetic face',
  inconclusive: 'No clear support for either side',
  weak_camera: 'Weak support for a camera photo',
  moderate_camera: 'Moderate support for a camera photo',
  strong_camera: 'Strong support for a camera photo',
}

/** How strong the support is, whichever side it is for; nothing where there is none or it was not measured. */
export function levelOf(strength: Strength | null): Level | null {
  const [level] = strength?.split('_') ?? []
  return level === 'strong' || level === 'moderate' || level === 'weak' ? level : null
}

/** ENFSI's verbal scale, collapsed to three levels: the end of the interval nearer to one decides. */
const levels: readonly [least: number, level: Level][] = [
  [100, 'strong'],
  [10, 'moderate'],
  [2, 'weak'],
]

/** The word for a likelihood ratio, as the detector chooses it. */
export function strengthOf({ low, high }: LikelihoodRatio): Strength {
  for (const [least, level] of levels) {
    if (low >= least) return `${level}_synthetic`
    if (high <= 1 / least) return `${level}_camera`
  }
  return 'inconclusive'
}

/** A likelihood ratio in a sentence, told from the side that it speaks for. */
export function ratioSentence({ value, low, high }: LikelihoodRatio): string {
  const isCamera = value < 1
  const [here, there] = isCamera
    ? ['photographs', 'synthetic faces']
    : ['synthetic faces', 'photographs']
  const [times, least, most] = isCamera ? [1 / value, 1 / high, 1 / low] : [value, low, high]
  return (
    `Such a score is about ${formatTimes(times)} times as frequent among ${here} as among ${there} ` +
    `(${formatTimes(least)}–${formatTimes(most)}).`
  )
}

/** Two significant figures. */
export function formatTimes(times: number): string {
  const rounded = Number(times.toPrecision(2))
  return rounded >= 1000 ? formatCount(rounded) : String(rounded)
}
