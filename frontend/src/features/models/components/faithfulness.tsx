import { formatRange } from '@/lib/error-rates'
import { formatShare } from '@/lib/numbers'

import type { Faithfulness as Measured } from '../card'
import classes from './error-rates.module.css'

const orders = { map: 'As the map says', random: 'At random', centre: 'From the centre' } as const
const lost = 'Score left while regions are blurred'
const regained = 'Score while they come back'

/** Whether the map beats other orders at naming the regions that move the score. */
export function Faithfulness({ measured }: { measured: Measured }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th>Regions go</th>
          <th>{lost}</th>
          <th>{regained}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(orders).map(([order, words]) => (
          <tr key={order}>
            <th scope="row">{words}</th>
            {(
              [
                ['deletion', lost],
                ['insertion', regained],
              ] as const
            ).map(([kind, name]) => {
              const area = measured[kind][order as keyof typeof orders]
              return (
                <td key={kind} data-name={name}>
                  <b>{formatShare(area.value)}</b> <span>{formatRange(area)}</span>
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
