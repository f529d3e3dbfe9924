import type { components } from './api/schema'

export type Verdict = components['schemas']['Verdict']

/** What a verdict says in words; the model's limits are part of the sentence. */
export const verdictWords: Record<Verdict, string> = {
  fake: 'Strong signs of generation',
  inconclusive: 'Inconclusive',
  real: 'No signs this model knows',
  not_assessed: 'Not assessed',
}

/** One word for where there is only room for one. */
export const verdictLabels: Record<Verdict, string> = {
  fake: 'Fake',
  inconclusive: 'Inconclusive',
  real: 'Real',
  not_assessed: 'Not assessed',
}

/** In the order the desk shows them. */
export const verdicts = ['fake', 'inconclusive', 'real', 'not_assessed'] as const
