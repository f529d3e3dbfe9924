import { formatAgo, formatMoment } from '@/lib/times'
import { useNow } from '@/lib/use-now'

/** How long ago, with the exact moment on hover. */
export function TimeAgo({ moment }: { moment: string }) {
  const now = useNow()
  return (
    <time dateTime={moment} title={formatMoment(moment)}>
      {formatAgo(moment, now)}
    </time>
  )
}
