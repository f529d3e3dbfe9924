import { Anchor } from '@mantine/core'

import { CopyText } from '@/components/copy-text'
import { TimeAgo } from '@/components/time-ago'
import { formatBytes, formatCount, formatShare } from '@/lib/numbers'
import { formatMilliseconds } from '@/lib/times'

import type { Analysis, Quality } from '../api/get-analysis'
import { Fact, FactList } from './fact-list'

/** What is known of the file and of how it was analysed. */
export function Facts({ analysis }: { analysis: Analysis }) {
  const { timings, quality } = analysis
  return (
    <FactList>
      <Fact name="File">
        <Anchor href={analysis.original_url} download fz="inherit">
          {analysis.filename}
        </Anchor>
      </Fact>
      <Fact name="Image">
        {analysis.format}, {analysis.width} × {analysis.height}, {formatBytes(analysis.byte_size)}
      </Fact>
      {quality && <QualityFacts quality={quality} />}
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
    </FactList>
  )
}

/** What bounds the trust in the score. */
function QualityFacts({ quality }: { quality: Quality }) {
  return (
    <>
      {quality.jpeg_quality !== null && (
        <Fact name="JPEG quality">about {quality.jpeg_quality} of 100</Fact>
      )}
      <Fact name="Largest face">
        {quality.face_px > 0 ? `${formatCount(quality.face_px)} px wide` : 'none found'}
      </Fact>
      <Fact name="Sharpness">
        {formatShare(quality.sharpness, 0)}
        {quality.is_greyscale && ', without colour'}
      </Fact>
    </>
  )
}
