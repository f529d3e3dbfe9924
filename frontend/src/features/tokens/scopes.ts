import type { components } from '@/lib/api/schema'

export type Scope = components['schemas']['Scope']

/** What each scope lets a program do, in the order they are offered. */
const scopeWords: Readonly<Record<Scope, string>> = {
  predict: 'Ask about one image',
  upload: 'Send images, change batches',
  read: 'Read results',
  models: 'Change which model judges',
}

/** What most programs need; ticked at first. */
export const everydayScopes: readonly Scope[] = ['predict', 'upload', 'read']

/** What this person's tokens may be given: only staff decides about models. */
export function scopesFor(isStaff: boolean): Scope[] {
  return (Object.keys(scopeWords) as Scope[]).filter((scope) => isStaff || scope !== 'models')
}

export function wordsOf(scope: Scope): string {
  return scopeWords[scope]
}
