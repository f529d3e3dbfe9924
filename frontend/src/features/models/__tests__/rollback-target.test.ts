import { expect, test } from 'vitest'

import { rollbackTarget } from '../rollback-target'

/** As the server lists them: the latest first. */
function activations(...oldestFirst: [kind: 'shipped' | 'chosen' | 'rollback', version: string][]) {
  return oldestFirst
    .map(([kind, version]) => ({ kind, version, previous: null, at: '', by: null }))
    .reverse()
}

test('a roll back leads to the version before', () => {
  expect(rollbackTarget(activations(['shipped', 'a'], ['chosen', 'b']))).toBe('a')
})

test('done twice, it leads to the one before that', () => {
  const line = activations(['shipped', 'a'], ['chosen', 'b'], ['chosen', 'c'], ['rollback', 'b'])
  expect(rollbackTarget(line)).toBe('a')
})

test('before the first there is nothing', () => {
  expect(rollbackTarget(activations(['shipped', 'a']))).toBeNull()
})
