import { VerdictMark } from '@/components/verdict-mark'
import { bandWords } from '@/lib/error-rates'
import { formatCounted, formatShare } from '@/lib/numbers'
import { verdictWords } from '@/lib/verdicts'

import type { ModelVersionDetail } from '../api/get-model-version'
import { cardOf, type Thresholds } from '../card'
import { ErrorRates } from './error-rates'
import { Faithfulness } from './faithfulness'
import classes from './model-card.module.css'
import { StrengthScale } from './strength-scale'

type Props = {
  model: ModelVersionDetail
  /** The one that runs on this server: each has limits of its own. */
  engine: string
}

/** What a model comes from, how well it does, what it cannot tell. */
export function ModelCard({ model, engine }: Props) {
  const card = cardOf(model)
  const own = card.engines[engine]
  return (
    <div className={classes.card}>
      <section>
        <h2>Trained on</h2>
        <p>{card.trained_on}</p>
        <p className={classes.quiet}>
          Recipe {model.recipe}, engine {engine}, input{' '}
          {`${card.input.size}\u00a0×\u00a0${card.input.size}`}
        </p>
      </section>
      <TestScores test={model.test} />
      {own && (
        <section>
          <h2>How a score becomes a verdict</h2>
          <Limits thresholds={own.thresholds} />
          {own.bands && <p className={classes.figures}>{bandWords(own.bands)}</p>}
        </section>
      )}
      {own?.strength_scale && (
        <section>
          <h2>How strongly a score speaks for either side</h2>
          <StrengthScale scale={own.strength_scale} />
          <p className={classes.figures}>
            The likelihood ratio is how much more often such scores are seen among synthetic faces
            than among photographs, with its 95 % interval, on sources and kinds of fakes that the
            model did not train on. Support by ENFSI&apos;s verbal scale: weak from 2, moderate from
            10, strong from 100, and as far below 1.
          </p>
        </section>
      )}
      <section>
        <h2>How often it errs, by the quality of the image</h2>
        <ErrorRates rates={card.error_rates ?? []} />
      </section>
      {card.faithfulness && (
        <section>
          <h2>Whether its map names the regions that move the score</h2>
          <Faithfulness measured={card.faithfulness} />
          <p className={classes.figures}>
            The mean over {formatCounted(card.faithfulness.n, 'held-out image')}. A good map leaves
            less in the first column than the other orders, and more in the second.
          </p>
        </section>
      )}
      <section>
        <h2>What it cannot tell</h2>
        <ul className={classes.limits}>
          {card.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function TestScores({ test }: Pick<ModelVersionDetail, 'test'>) {
  if (!test) {
    return (
      <section>
        <h2>Test</h2>
        <p>This model comes without figures of a test. Treat its verdicts with care.</p>
      </section>
    )
  }
  return (
    <section>
      <h2>On {formatCounted(test.n, 'test image')} it had not seen</h2>
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

function Limits({ thresholds }: { thresholds: Thresholds }) {
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
