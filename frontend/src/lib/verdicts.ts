import type { components } from './api/schema'

export type Verdict = components['schemas']['Verdict']

/** What a verdict says in words; how strong the signs are is the strength's to say. */
export const verdictWords: Record<Verdict, string> = {
  fake: 'Signs of AI generation',
  inconclusive: 'Inconclusive',
  real: 'No signs of AI generation found',
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
