import { useEffect, useState } from 'react'

const shownMilliseconds = 2000

/** Copies a text, and says for a moment whether that worked. */
export function useCopy(text: string) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => {
      setOutcome(null)
    }, shownMilliseconds)
    return () => {
      clearTimeout(timer)
    }
  }, [outcome])

  async function copy() {
    setOutcome((await copied(text)) ? 'copied' : 'failed')
  }
  return { outcome, copy: () => void copy() }
}

/** Over plain HTTP there is no clipboard to write to; the older way is left. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copiedBySelection(text)
  }
}

function copiedBySelection(text: string): boolean {
  const focused = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true // or a phone brings up its keyboard
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.focus({ preventScroll: true })
  field.select()
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without TLS
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  }
}
