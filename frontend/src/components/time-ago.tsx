import { useNow } from '@/lib/use-now'
import { formatAgo, formatMoment } from '@/lib/times'

/** How long ago, with the exact moment on hover. */
export function TimeAgo({ moment }: { moment: string }) {
  const now = useNow()
  return (
    <time dateTime={moment} title={formatMoment(moment)}>
      {formatAgo(moment, now)}
    </time>
  )
}
