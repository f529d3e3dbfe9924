import type { ComponentProps, MouseEvent } from 'react'

/** A button that is busy or has nothing to do keeps the focus, which the browser takes from a disabled one. */
export function buttonRoot({ disabled, ...props }: ComponentProps<'button'>) {
  if (!disabled) return <button {...props} />
  return <button {...props} aria-disabled onClick={doNothing} />
}

/** Neither the press nor, in a form, what Enter in a field makes of it. */
function doNothing(event: MouseEvent) {
  event.preventDefault()
}
