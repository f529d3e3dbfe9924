import { VerdictMark } from '@/components/verdict-mark'
import { ratioSentence, strengthWords } from '@/lib/strengths'

import type { Analysis } from '../api/get-analysis'
import { errorWords } from '../error-words'
import { failureWord, hasFailed, headline, leanSentence, markOf, resultWords } from '../words'
import classes from './verdict-panel.module.css'

/** What the model says, in words and a shape, how strongly, and how often it is wrong; the bare result small beside it. */
export function VerdictPanel({ analysis }: { analysis: Analysis }) {
  const mark = markOf(analysis)
  const result = resultWords(analysis)
  const { error, strength, likelihood_ratio: ratio } = analysis
  const lean = leanSentence(analysis)
  const odds = errorWords(analysis)
  return (
    <div className={classes.panel}>
      <p className={classes.words} role="status" data-testid="verdict-words">
        {mark && <VerdictMark verdict={mark} size={24} label="" />}
        {error ? failureWord(analysis.state) : headline(analysis)}
      </p>
      {result && <p className={classes.result}>{result}</p>}
      {lean && (
        <p className={classes.lean} data-testid="lean-words">
          {lean}
        </p>
      )}
      {analysis.verdict === 'real' && (
        <p className={classes.reason}>This does not prove that the photo is authentic.</p>
      )}
      {strength && ratio && (
        <p className={classes.odds} data-testid="strength-words">
          <b>{strengthWords[strength]}.</b> {ratioSentence(ratio)}
        </p>
      )}
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
