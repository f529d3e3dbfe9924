import type { Activation } from './api/list-models'

/** The version that a roll back would let judge, as the server works it out; null where there was none before. */
export function rollbackTarget(activations: readonly Activation[]): string | null {
  const line: string[] = []
  for (const { kind, version } of activations.toReversed()) {
    if (kind === 'rollback') line.pop()
    else line.push(version)
  }
  return line.at(-2) ?? null
}
