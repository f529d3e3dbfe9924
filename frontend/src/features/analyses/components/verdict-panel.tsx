import { VerdictMark } from '@/components/verdict-mark'

import type { Analysis } from '../api/get-analysis'
import { errorWords } from '../error-words'
import { failureWord, hasFailed, markOf, outcomeWords, resultWords } from '../words'
import classes from './verdict-panel.module.css'

/** What the model says, in words and a shape, and how often it is wrong; the bare result small beside it. */
export function VerdictPanel({ analysis }: { analysis: Analysis }) {
  const mark = markOf(analysis)
  const result = resultWords(analysis)
  const { error } = analysis
  const odds = errorWords(analysis)
  return (
    <div className={classes.panel}>
      <p className={classes.words} role="status" data-testid="verdict-words">
        {mark && <VerdictMark verdict={mark} size={24} label="" />}
        {error ? failureWord(analysis.state) : outcomeWords(analysis)}
      </p>
      {result && <p className={classes.result}>{result}</p>}
      {odds && (
        <p className={classes.odds} data-testid="error-words">
          {odds}
        </p>
      )}
      {hasFailed(analysis.state) && error && (
        <p className={classes.reason} data-testid="failure-card">
          {error.detail}
        </p>
      )}
    </div>
  )
}
