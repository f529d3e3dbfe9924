const states = ['failed', 'quarantined', 'cancelled'] as const
const shows = ['fake', 'real', 'inconclusive', 'not_assessed', ...states] as const
const orders = ['most-fake', 'least-fake'] as const

export type Show = (typeof shows)[number]
export type Order = (typeof orders)[number]

/** Which results are shown and how; kept in the address, where what is usual is left out. */
export type ResultsView = { show?: Show; order?: Order; layout?: 'table' }

/** Reads a view out of an address; what it does not know it drops. */
export function parseView(search: Record<string, unknown>): ResultsView {
  const show = shows.find((name) => name === search.show)
  const order = orders.find((name) => name === search.order)
  return {
    ...(show && { show }),
    ...(order && { order }),
    ...(search.layout === 'table' && { layout: 'table' as const }),
  }
}

/** The question to the server that a view stands for. */
export function toListQuery({ show, order }: ResultsView) {
  const ordering = orderings[order ?? 'sent']
  if (show === undefined) return { ordering }
  return isState(show) ? { ordering, state: show } : { ordering, verdict: show }
}

/** Whether it shows analyses without a result, which are told by their state. */
export function isState(show: Show): show is (typeof states)[number] {
  return states.some((state) => state === show)
}

const orderings = {
  sent: 'ordinal',
  'most-fake': '-fake_probability',
  'least-fake': 'fake_probability',
} as const
