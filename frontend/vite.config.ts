import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

import { mockServer } from './src/testing/mock-server'

const server = 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), process.env.ASSAY_MOCK ? mockServer(process.env.ASSAY_MOCK) : null],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { proxy: { '/api': server, '/predict': server, '/health': server } },
  // Fonts and images stay files, so that the content security policy needs no data: addresses.
  build: { assetsInlineLimit: 0 },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
  },
})
