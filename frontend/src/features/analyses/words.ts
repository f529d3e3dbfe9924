import { formatPercent } from '@/lib/numbers'
import { verdictWords, type Verdict } from '@/lib/verdicts'

import type { AnalysisRow } from './api/list-analyses'

type Outcome = Pick<AnalysisRow, 'state' | 'verdict' | 'error'>

const unfinished: Partial<Record<AnalysisRow['state'], string>> = {
  waiting: 'Waiting its turn',
  running: 'Being analysed',
  cancelled: 'Cancelled',
}

/** What came of an analysis, in the words of the desk. */
export function outcomeWords({ state, verdict, error }: Outcome): string {
  if (error) return `Not assessed: ${startLower(firstSentence(error.detail))}`
  if (verdict) return verdictWords[verdict]
  return unfinished[state] ?? 'Not assessed'
}

/** `FAKE 97.2 %`, as the API says it. */
export function resultWords({ result, confidence }: Pick<AnalysisRow, 'result' | 'confidence'>) {
  return result && confidence !== null ? `${result} ${formatPercent(confidence)}` : null
}

/** The mark that goes with an outcome; none while there is no outcome yet. */
export function markOf({ state, verdict }: Pick<AnalysisRow, 'state' | 'verdict'>): Verdict | null {
  if (verdict) return verdict
  return hasFailed(state) ? 'not_assessed' : null
}

export function hasFailed(state: AnalysisRow['state']): boolean {
  return state === 'failed' || state === 'quarantined'
}

function firstSentence(detail: string): string {
  return /^.*?[.!?](?=\s|$)/.exec(detail)?.[0] ?? detail
}

function startLower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
