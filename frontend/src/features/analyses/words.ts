import { formatPercent } from '@/lib/numbers'
import { levelOf } from '@/lib/strengths'
import { verdictLabels, verdictWords, type Verdict } from '@/lib/verdicts'

import type { Reason } from './api/get-analysis'
import type { AnalysisRow } from './api/list-analyses'
import { decidingReasons, flawsOf, reasonLabel } from './reasons'

type Reasons = { reasons: readonly Reason[] }
type Outcome = Pick<AnalysisRow, 'state' | 'verdict' | 'error' | 'strength' | 'lean'> & Reasons
type Score = Pick<AnalysisRow, 'verdict' | 'result' | 'confidence'>

const unfinished: Partial<Record<AnalysisRow['state'], string>> = {
  waiting: 'Waiting its turn',
  paused: 'Paused',
  running: 'Being analysed',
  cancelled: 'Cancelled',
}

/** What came of an analysis, in the words of the desk. */
export function outcomeWords(row: Outcome): string {
  const { state, verdict, error, reasons, lean } = row
  if (error) return `${failureWord(state)}: ${startLower(firstSentence(error.detail))}`
  if (!verdict) return unfinished[state] ?? failureWord(state)
  if (verdict === 'fake' || verdict === 'real') return headline(row)
  const [reason] = decidingReasons(reasons)
  const notes = [lean && startLower(leanLabels[lean]), reason && startLower(reasonLabel(reason))]
  const said = notes.filter(Boolean).join(', ')
  return said ? `${verdictWords[verdict]}: ${said}` : verdictWords[verdict]
}

/** The verdict in large; where it is inconclusive, the lean and the reason stand below. */
export function headline(row: Outcome): string {
  if (row.verdict === 'inconclusive') return verdictWords.inconclusive
  const level = row.verdict === 'fake' && levelOf(row.strength)
  if (level) return `${startUpper(level)} ${startLower(verdictWords.fake)}`
  return row.verdict === 'fake' || row.verdict === 'real'
    ? verdictWords[row.verdict]
    : outcomeWords(row)
}

const leanLabels: Record<NonNullable<AnalysisRow['lean']>, string> = {
  synthetic: 'Leans synthetic',
  camera: 'Leans real',
}

/** Which way an inconclusive verdict leans, and why it is none: the file, the kind of face, or the score alone. */
export function leanSentence({
  lean,
  reasons,
}: Pick<AnalysisRow, 'lean'> & Reasons): string | null {
  if (!lean) return null
  const [flaw] = flawsOf(reasons)
  if (!flaw) return `${leanLabels[lean]}, but the score is too near the limit for a verdict.`
  if (flaw.code === 'unfamiliar') {
    return `${leanLabels[lean]}, but the face is of a kind that the model does not know.`
  }
  return `${leanLabels[lean]}, but this score is not reliable for such a file.`
}

/** `FAKE 97.2 %`, as the API says it; nothing where the verdict does not say the same, or it would be taken for one. */
export function resultWords({ verdict, result, confidence }: Score): string | null {
  if (confidence === null || result?.toLowerCase() !== verdict) return null
  return `${result} ${formatPercent(confidence)}`
}

/** An outcome in a word or two; the bare result only where the verdict says the same. */
export function captionWords(row: Outcome & Score): string {
  if (hasFailed(row.state)) return failureWord(row.state)
  if (row.verdict === 'fake' || row.verdict === 'real') {
    return [resultWords(row) ?? verdictLabels[row.verdict], levelOf(row.strength)]
      .filter(Boolean)
      .join(' · ')
  }
  if (row.lean) return leanLabels[row.lean]
  return row.verdict ? verdictLabels[row.verdict] : outcomeWords(row)
}

/** The mark that goes with an outcome; none while there is no outcome yet. */
export function markOf({ state, verdict }: Pick<AnalysisRow, 'state' | 'verdict'>): Verdict | null {
  if (verdict) return verdict
  return hasFailed(state) ? 'not_assessed' : null
}

/** Whether the score means what was measured: of an image that is assessed, and whose file has no flaw. */
export function isScoreReliable({
  verdict,
  reasons,
}: Pick<AnalysisRow, 'verdict'> & Reasons): boolean {
  return verdict !== null && verdict !== 'not_assessed' && flawsOf(reasons).length === 0
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

function startUpper(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
