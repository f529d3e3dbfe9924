import { useSyncExternalStore } from 'react'

const tickMilliseconds = 30_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** The time, in steps of half a minute: one clock for every relative time on the screen. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => now)
}

function listen(onTick: () => void) {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(tick, tickMilliseconds)
  }
  listeners.add(onTick)
  return () => {
    listeners.delete(onTick)
    if (listeners.size === 0) clearInterval(timer)
  }
}

function tick() {
  now = Date.now()
  for (const onTick of listeners) onTick()
}
