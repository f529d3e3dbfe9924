import { VerdictMark } from '@/components/verdict-mark'
import { formatCounted, formatShare } from '@/lib/numbers'
import { verdictWords } from '@/lib/verdicts'

import type { Model } from '../api/get-model'
import classes from './model-card.module.css'

/** The model that gives the verdicts: where it comes from, how well it does, what it cannot tell. */
export function ModelCard({ model }: { model: Model }) {
  return (
    <div className={classes.card}>
      <header>
        <h2 className={classes.version}>{model.version}</h2>
        <p className={classes.quiet}>
          Recipe {model.recipe}, engine {model.engine}, input{' '}
          {`${model.input_size}\u00a0×\u00a0${model.input_size}`}
        </p>
      </header>
      <section>
        <h3>Trained on</h3>
        <p>{model.trained_on}</p>
      </section>
      <TestScores test={model.test} />
      <section>
        <h3>How a score becomes a verdict</h3>
        <Bands thresholds={model.thresholds} />
      </section>
      <section>
        <h3>What it cannot tell</h3>
        <ul className={classes.limits}>
          {model.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function TestScores({ test }: Pick<Model, 'test'>) {
  if (!test) {
    return (
      <section>
        <h3>Test</h3>
        <p>This model comes without figures of a test. Treat its verdicts with care.</p>
      </section>
    )
  }
  return (
    <section>
      <h3>On {formatCounted(test.n, 'test image')} it had not seen</h3>
      <div className={classes.scores}>
        <Score name="Accuracy" interval={test.accuracy} format={(share) => formatShare(share)} />
        <Score name="AUC" interval={test.auc} format={(area) => area.toFixed(4)} />
      </div>
    </section>
  )
}

type ScoreProps = {
  name: string
  interval: { value: number; low: number; high: number }
  format: (value: number) => string
}

function Score({ name, interval, format }: ScoreProps) {
  return (
    <div>
      <span className={classes.quiet}>{name}</span>
      <strong>{format(interval.value)}</strong>
      <span className={classes.quiet}>
        95 % interval {format(interval.low)} to {format(interval.high)}
      </span>
    </div>
  )
}

function Bands({ thresholds }: Pick<Model, 'thresholds'>) {
  const low = formatShare(thresholds.real_below, 0)
  const high = formatShare(thresholds.fake_from, 0)
  return (
    <ul className={classes.bands}>
      <li>
        <VerdictMark verdict="fake" label="" /> <b>{verdictWords.fake}</b> from a fake probability
        of {high}
      </li>
      <li>
        <VerdictMark verdict="inconclusive" label="" /> <b>{verdictWords.inconclusive}</b> between{' '}
        {low} and {high}
      </li>
      <li>
        <VerdictMark verdict="real" label="" /> <b>{verdictWords.real}</b> below {low}
      </li>
    </ul>
  )
}
