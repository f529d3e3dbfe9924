import { formatPercent } from '@/lib/numbers'
import { verdictLabels, verdictWords, type Verdict } from '@/lib/verdicts'

import type { AnalysisRow } from './api/list-analyses'
import { decidingReasons, reasonLabel } from './reasons'

type Outcome = Pick<AnalysisRow, 'state' | 'verdict' | 'error' | 'reasons'>

const unfinished: Partial<Record<AnalysisRow['state'], string>> = {
  waiting: 'Waiting its turn',
  paused: 'Paused',
  running: 'Being analysed',
  cancelled: 'Cancelled',
}

/** What came of an analysis, in the words of the desk. */
export function outcomeWords({ state, verdict, error, reasons }: Outcome): string {
  if (error) return `${failureWord(state)}: ${startLower(firstSentence(error.detail))}`
  if (!verdict) return unfinished[state] ?? failureWord(state)
  const [reason] = decidingReasons(reasons)
  const isWithheld = verdict === 'not_assessed' || verdict === 'inconclusive'
  if (!reason || !isWithheld) return verdictWords[verdict]
  return `${verdictWords[verdict]}: ${startLower(reasonLabel(reason))}`
}

/** `FAKE 97.2 %`, as the API says it; nothing where the verdict is withheld, because it would be taken for one. */
export function resultWords({
  verdict,
  result,
  confidence,
}: Pick<AnalysisRow, 'verdict' | 'result' | 'confidence'>) {
  if (verdict === 'not_assessed' || confidence === null) return null
  return result && `${result} ${formatPercent(confidence)}`
}

/** An outcome in a word or two; the bare result only where the verdict says the same. */
export function captionWords(row: Outcome & Pick<AnalysisRow, 'result' | 'confidence'>): string {
  if (hasFailed(row.state)) return failureWord(row.state)
  if (row.verdict === 'fake' || row.verdict === 'real') {
    return resultWords(row) ?? verdictLabels[row.verdict]
  }
  return row.verdict ? verdictLabels[row.verdict] : outcomeWords(row)
}

/** The mark that goes with an outcome; none while there is no outcome yet. */
export function markOf({ state, verdict }: Pick<AnalysisRow, 'state' | 'verdict'>): Verdict | null {
  if (verdict) return verdict
  return hasFailed(state) ? 'not_assessed' : null
}

/** Whether it failed by itself or was set aside because workers died over it. */
export function failureWord(state: AnalysisRow['state']): string {
  return state === 'quarantined' ? 'Quarantined' : 'Failed'
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
