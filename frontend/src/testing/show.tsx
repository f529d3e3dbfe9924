import { MantineProvider } from '@mantine/core'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'

/** Renders a part inside what every part stands in. */
export function show(part: ReactNode) {
  return render(part, {
    wrapper: ({ children }) => <MantineProvider env="test">{children}</MantineProvider>,
  })
}
