import '@fontsource-variable/inter/index.css'
import '@mantine/core/styles.css'
import '@mantine/dropzone/styles.css'
import './app/tokens.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './app/app'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id "root"')

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
