import classes from './stability.module.css'

/** Four: two JPEG copies, one scaled and one mirrored. */
const copies = 4

/** Whether the answer survives what happens to images on their way through the world. */
export function Stability({ share }: { share: number }) {
  const same = Math.round(share * copies)
  return (
    <section className={classes.stability} aria-label="Stability">
      <span
        className={classes.dots}
        role="img"
        aria-label={`${same} of ${copies} copies answer alike`}
      >
        {Array.from({ length: copies }, (_, place) => (
          <span key={place} data-filled={place < same} />
        ))}
      </span>
      <p>
        <b>
          Stable in {same} of {copies}
        </b>{' '}
        copies: saved again twice, made smaller, mirrored.
      </p>
    </section>
  )
}
