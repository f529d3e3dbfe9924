import { createTheme, type MantineColorsTuple } from '@mantine/core'

import { buttonRoot } from './button-root'

const indigo: MantineColorsTuple = [
  '#eef2ff',
  '#e0e7ff',
  '#c7d2fe',
  '#a5b4fc',
  '#818cf8',
  '#6366f1',
  '#4f46e5',
  '#4338ca',
  '#3730a3',
  '#312e81',
]

/** Mantine paints its dark parts with `dark`: text first, page last. */
const dark: MantineColorsTuple = [
  '#e2e8f0',
  '#cbd5e1',
  '#94a3b8',
  '#64748b',
  '#334155',
  '#28354a',
  '#1e293b',
  '#0f172a',
  '#020617',
  '#010410',
]

const gray: MantineColorsTuple = [
  '#f8fafc',
  '#f1f5f9',
  '#e2e8f0',
  '#cbd5e1',
  '#94a3b8',
  '#64748b',
  '#475569',
  '#334155',
  '#1e293b',
  '#0f172a',
]

const pixels = (size: number) => `${size / 16}rem`

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: 6,
  colors: { indigo, dark, gray },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  fontSizes: { xs: pixels(12), sm: pixels(13), md: pixels(15), lg: pixels(18), xl: pixels(24) },
  spacing: { xs: pixels(8), sm: pixels(12), md: pixels(16), lg: pixels(24), xl: pixels(32) },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: pixels(24), lineHeight: '1.3' },
      h2: { fontSize: pixels(18), lineHeight: '1.35' },
      h3: { fontSize: pixels(15), lineHeight: '1.4' },
    },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Colour alone does not tell a link from the words around it.
    Anchor: { defaultProps: { underline: 'always', c: 'var(--accent-text)' } },
    Button: { defaultProps: { renderRoot: buttonRoot } },
    // What must stay reachable gets the room a finger needs; tokens.css makes it 44 px on touch.
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 32 } },
    Modal: {
      defaultProps: {
        transitionProps: { duration: 120 },
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Popover: { defaultProps: { transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { transitionProps: { duration: 120 } } },
    Tooltip: { defaultProps: { transitionProps: { duration: 120 }, openDelay: 300 } },
  },
})
