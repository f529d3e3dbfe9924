import type { ReactNode } from 'react'

import { CopyText } from '@/components/copy-text'
import { TimeAgo } from '@/components/time-ago'
import { formatBytes } from '@/lib/numbers'
import { formatMilliseconds } from '@/lib/times'

import type { Analysis } from '../api/get-analysis'
import classes from './facts.module.css'

/** What is known of the file and of how it was analysed. */
export function Facts({ analysis }: { analysis: Analysis }) {
  const { timings } = analysis
  return (
    <dl className={classes.facts}>
      <Fact name="File">{analysis.filename}</Fact>
      <Fact name="Image">
        {analysis.format}, {analysis.width} × {analysis.height}, {formatBytes(analysis.byte_size)}
      </Fact>
      <Fact name="SHA-256">
        <CopyText label="" text={analysis.sha256} shown={`${analysis.sha256.slice(0, 16)}…`} />
      </Fact>
      <Fact name="Received">
        <TimeAgo moment={analysis.created_at} />
      </Fact>
      {analysis.finished_at && (
        <Fact name="Analysed">
          <TimeAgo moment={analysis.finished_at} />
          {analysis.attempts > 1 && `, at attempt ${analysis.attempts}`}
        </Fact>
      )}
      {analysis.engine && <Fact name="Engine">{analysis.engine}</Fact>}
      {timings && (
        <Fact name="Took">
          {timings.decode_ms !== null && `${formatMilliseconds(timings.decode_ms)} to decode, `}
          {timings.forward_ms !== null &&
            `${formatMilliseconds(timings.forward_ms)} in the model, `}
          after waiting {formatMilliseconds(timings.waited_ms)}
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
