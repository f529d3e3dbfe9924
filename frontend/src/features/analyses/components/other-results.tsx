import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { VerdictMark } from '@/components/verdict-mark'

import { analysisQuery, type Analysis } from '../api/get-analysis'
import { markOf, outcomeWords } from '../words'
import classes from './other-results.module.css'

/** What other models said of the same image, before and after. */
export function OtherResults({ analysis }: { analysis: Pick<Analysis, 'origin' | 'repeats'> }) {
  const ids = [...(analysis.origin === null ? [] : [analysis.origin]), ...analysis.repeats]
  const others = useQueries({ queries: ids.map((id) => analysisQuery(id)) })
  if (ids.length === 0) return null
  return (
    <ul className={classes.results} aria-label="By other models">
      {others.map(({ data }) => data && <OtherResult key={data.id} result={data} />)}
    </ul>
  )
}

function OtherResult({ result }: { result: Analysis }) {
  const mark = markOf(result)
  return (
    <li>
      {mark && <VerdictMark verdict={mark} size={14} label="" />}
      <span>
        <Link
          to="/batches/$batchId/analyses/$analysisId"
          params={{ batchId: result.batch, analysisId: result.id }}
        >
          {outcomeWords(result)}
        </Link>
        {result.model_version && ` by ${result.model_version}`}
      </span>
    </li>
  )
}
